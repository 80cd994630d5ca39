#include <setpki/types.h>
#include <stddef.h>
#include <string.h>

/* `word` is what people read; `set` is the name of the bit in CertificateTypeSyntax. */
static const struct {
	uint32_t bit;
	const char *word, *set;
} types[] = {
    {SETPKI_TYPE_CARD, "cardholder", "card"},
    {SETPKI_TYPE_MER, "merchant", "mer"},
    {SETPKI_TYPE_PGWY, "gateway", "pgwy"},
    {SETPKI_TYPE_CCA, "cca", "cca"},
    {SETPKI_TYPE_MCA, "mca", "mca"},
    {SETPKI_TYPE_PCA, "pca", "pca"},
    {SETPKI_TYPE_GCA, "gca", "gca"},
    {SETPKI_TYPE_BCA, "bca", "bca"},
    {SETPKI_TYPE_RCA, "rca", "rca"},
    {SETPKI_TYPE_ACQ, "acq", "acq"},
};

const char *
setpki_type_name(uint32_t bit)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].bit == bit)
			return types[i].word;
	return NULL;
}

uint32_t
setpki_type_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, name) == 0 || strcmp(types[i].set, name) == 0)
			return types[i].bit;
	return 0;
}
