#include <setpki/object.h>

const char *
setpki_object_name(enum setpki_object_type type)
{
	switch (type) {
	case SETPKI_OBJECT_CERT:
		return "certificate";
	case SETPKI_OBJECT_CRL:
		return "CRL";
	case SETPKI_OBJECT_BCI:
		return "BCI";
	case SETPKI_OBJECT_CSR:
		return "request";
	case SETPKI_OBJECT_PUBKEY:
		return "public key";
	case SETPKI_OBJECT_MESSAGE:
		return "SET message";
	case SETPKI_OBJECT_PRIVKEY:
		return "private key";
	default:
		return "unknown object";
	}
}
