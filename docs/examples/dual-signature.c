/*
 * One order, signed once; the merchant and the gateway each check it without seeing the other's half.
 *
 *	cc dual-signature.c $(pkg-config --cflags --libs setpki libcrypto) -o dual-signature && ./dual-signature
 *
 * In earnest the keys belong to certificates that setpki/chain.h has validated; here they are made on the spot.
 */
#include <openssl/evp.h>
#include <setpki/dual.h>
#include <stdio.h>
#include <string.h>

/* Name { CN=Demo CA }, and two serial numbers: what stands in the certificates of wallet and gateway. */
static const uint8_t ca_name[] = {
    0x30, 0x12, 0x31, 0x10, 0x30, 0x0e, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x07, 'D', 'e', 'm', 'o', ' ', 'C', 'A'};
static const uint8_t wallet_serial[] = {0x01, 0x17}, gateway_serial[] = {0x01, 0x2a};
static const uint8_t xid[20] = "transaction number 1", rrpid[20] = "request number 00001";
static const char order[] = "1 umbrella, black; delivered on Monday";

/* Step 0 of both checks: whose signature is it?  A real one looks the certificate up and validates its chain. */
static EVP_PKEY *
find_key(void *arg, setpki_bytes issuer, setpki_bytes serial, const setpki_bytes *certs, size_t ncerts)
{
	const struct setpki_party *wallet = arg;

	(void)certs;
	(void)ncerts;
	return issuer.n == wallet->issuer.n && memcmp(issuer.p, wallet->issuer.p, issuer.n) == 0 &&
		serial.n == wallet->serial.n && memcmp(serial.p, wallet->serial.p, serial.n) == 0
	    ? wallet->key
	    : NULL;
}

/* Cardholder: the wallet signs, and encrypts the payment to the gateway. */
static enum setpki_code
buy(setpki_ctx *ctx, const struct setpki_party *wallet, const struct setpki_party *gateway, struct setpki_der *request,
    struct setpki_error *err)
{
	struct setpki_purchase what = {.order = {(const uint8_t *)order, sizeof(order) - 1},
	    .currency = 978,
	    .amount = 2450,
	    .exponent = -2,
	    .lid_c = {rrpid, 8},
	    .xid = {xid, sizeof(xid)},
	    .rrpid = {rrpid, sizeof(rrpid)},
	    .chall_c = {xid, sizeof(xid)},
	    .date = 1795435200,
	    .language = "en",
	    .brand = "Demo",
	    .bin = "400000",
	    .merchant = "M-4711",
	    .software = "example wallet"};
	struct setpki_card card = {.pan = "4000001234567899", .expiry = "203012"};

	/* CardSecret was drawn at registration, Nonce-CCA came with the certificate. */
	setpki_pan_secret(card.card_secret, rrpid, card.pan_secret);
	return setpki_dual_sign(ctx, SETPKI_SUITE_MODERN, wallet, gateway, &what, &card, NULL, 0, request, err);
}

/* Merchant: the order is the one in its own books, the price is right, the cardholder signed it. */
static enum setpki_code
sell(setpki_ctx *ctx, struct setpki_party *wallet, const struct setpki_der *request, struct setpki_dual_order *seen,
    struct setpki_error *err)
{
	enum setpki_code rc = setpki_dual_merchant(ctx, SETPKI_SUITE_MODERN, (setpki_bytes){request->p, request->n},
	    (setpki_bytes){(const uint8_t *)order, sizeof(order) - 1}, 978, 2450, -2, find_key, wallet, seen, err);

	if (rc == SETPKI_E_OK)
		printf("merchant: signed order for brand %s, card %s...; no account number in sight\n", seen->brand,
		    seen->bin);
	return rc;
}

/* Gateway: opens the payment that the merchant handed on, with the digest of the merchant's order beside it. */
static enum setpki_code
settle(setpki_ctx *ctx, const struct setpki_party *gateway, struct setpki_party *wallet,
    const struct setpki_dual_order *from_merchant, struct setpki_error *err)
{
	struct setpki_dual_payment pay;
	enum setpki_code rc = setpki_dual_gateway(ctx, SETPKI_SUITE_MODERN, gateway, from_merchant->payment,
	    (setpki_bytes){from_merchant->oi_digest, from_merchant->oi_digest_len}, find_key, wallet, &pay, err);

	if (rc == SETPKI_E_OK)
		printf("gateway: pay %lld cents to %s from card %.6s...; what was bought stays unknown\n",
		    (long long)pay.amount, pay.merchant, pay.pan);
	setpki_dual_payment_free(&pay);
	return rc;
}

int
main(void)
{
	struct setpki_party wallet = {.issuer = {ca_name, sizeof(ca_name)},
	    .serial = {wallet_serial, sizeof(wallet_serial)},
	    .key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1")};
	struct setpki_party gateway = {.issuer = {ca_name, sizeof(ca_name)},
	    .serial = {gateway_serial, sizeof(gateway_serial)},
	    .key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)};
	struct setpki_dual_order seen = {0};
	struct setpki_der request = {0};
	struct setpki_error err = {0};
	setpki_ctx *ctx = NULL;
	enum setpki_code rc = setpki_ctx_new(NULL, &ctx, &err);

	if (rc == SETPKI_E_OK)
		rc = buy(ctx, &wallet, &gateway, &request, &err);
	if (rc == SETPKI_E_OK)
		rc = sell(ctx, &wallet, &request, &seen, &err);
	if (rc == SETPKI_E_OK)
		rc = settle(ctx, &gateway, &wallet, &seen, &err);
	if (rc != SETPKI_E_OK)
		fprintf(stderr, "%s: %s\n", setpki_code_text(rc), err.message);
	setpki_dual_order_free(&seen);
	setpki_der_free(&request);
	setpki_ctx_free(ctx);
	EVP_PKEY_free(wallet.key);
	EVP_PKEY_free(gateway.key);
	return setpki_code_exit(rc);
}
