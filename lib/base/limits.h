/* Every size, count and period that a stranger controls, or that the protocol fixes, by name.  Policies may narrow the
 * ones marked (p). */
#ifndef LIB_BASE_LIMITS_H
#define LIB_BASE_LIMITS_H

/* DER */
#define SP_DER_MAX_DEPTH 40

/* Objects */
#define SP_CERT_MAX 16384u	    /* bytes of one certificate */
#define SP_NAME_MAX 2048u	    /* bytes of one Name */
#define SP_EXT_MAX 32u		    /* extensions in one certificate, CRL or BCI */
#define SP_SERIAL_LEN 17u	    /* octets of a serial we make: 0x01 and 16 random ones (set-protocol 12.1) */
#define SP_SERIAL_MAX 20u	    /* octets of a serial we read (RFC 5280 4.1.2.2) */
#define SP_SPKI_MAX 1024u	    /* bytes of one SubjectPublicKeyInfo */
#define SP_CSR_MAX 16384u	    /* bytes of one PKCS#10 request */
#define SP_BCI_MAX (1u << 20)	    /* bytes of one BrandCRLIdentifier */
#define SP_BCI_ENTRIES_MAX 4096u    /* CRLs that one BCI names */
#define SP_CRL_MAX (512u << 20)	    /* bytes of one CRL */
#define SP_P7_OBJECTS_MAX 4096u	    /* certificates and CRLs carried in one PKCS#7 */
#define SP_FILE_MAX (512u << 20)    /* bytes of a file that tools read */
#define SP_CHAIN_DEPTH_MAX 8u	    /* certificates in one path */
#define SP_CHAIN_PATHS_MAX 64u	    /* candidate paths that one validation looks at */
#define SP_CHAIN_SIGS_MAX 256u	    /* signatures that one validation verifies */
#define SP_CHAIN_SUCCESSION_MAX 8u  /* roots, each carrying the hash of the next one's key */
#define SP_CHAIN_PREFIXES_MAX 4096u /* verified paths that one pool remembers */
#define SP_POOL_THUMBS_MAX 1024u    /* root thumbs that one pool trusts */
#define SP_RFC5280_DEPTH_MAX 32	    /* CA certificates in a path of any X.509 kind */
#define SP_DIGEST_MAX 32u	    /* octets of the longest suite digest */
#define SP_SIG_MAX 512u		    /* octets of the longest signature value (RSA-4096) */

/* Messages */
#define SP_MESSAGE_MAX (1u << 20) /* bytes of one MessageWrapper, and of whatever stands in it */
#define SP_ALG_MAX 128u		  /* bytes of one AlgorithmIdentifier */
#define SP_THUMBS_MAX 64u	  /* of each kind in one Thumbs */
#define SP_BACK_KEY_MAX 32u
#define SP_MSG_EXTENSIONS_MAX 16u
#define SP_MSG_EXTENSION_MAX 4096u /* bytes of one */
#define SP_FIELD_LABELS_MAX 16u	   /* labels of one form field */
#define SP_REFERRAL_URLS_MAX 16u
#define SP_ANSWER_BODY_MAX                                                                                             \
	(320u << 10)		    /* of an answer, besides certificates and lists: the largest form, and thumbs      \
				     */
#define SP_SIGNERS_MAX 2u	    /* SignerInfos: a renewal has two (set-protocol 8, 12.3) */
#define SP_ANSWER_OBJECTS_MAX 256u  /* certificates and CRLs beside one answer of a CA */
#define SP_LID_REQUESTS_MAX 8u	    /* CertReqs under one lid-CA and lid-EE; */
#define SP_INQUIRY_REQUESTS_MAX 64u /* an inquiry is compared with more, as several may come at once */
#define SP_SESSION_OBJECTS_MAX (4u << 20) /* bytes of what a session keeps of its CA's certificates, CRLs and BCIs */
#define SP_SESSION_BCIS_MAX 2u		  /* BCIs among them */
#define SP_SESSION_SAVED_MAX (12u << 20)  /* bytes of a saved session */

/* Policy files */
#define SP_POLICY_MAX (256u << 10) /* bytes */
#define SP_POLICY_DEPTH_MAX 24u	   /* nesting */
#define SP_POLICY_NODES_MAX 20000u
#define SP_POLICY_NAME_MAX 32u	     /* characters of the name of a CA or form */
#define SP_POLICY_PATTERN_MAX 128u   /* characters of a field's pattern */
#define SP_POLICY_PATTERN_REPEAT 512 /* product of the counted repetitions in one */
#define SP_POLICY_PATH_MAX 255u	     /* characters of a path in the file system */

/* The registration desk: what a policy may say of it (set-protocol 12.8, 12.19) */
#define SP_DESK_ROUTES_MAX 64u
#define SP_DESK_ROUTE_BINS_MAX 32u
#define SP_DESK_TOGETHER_MAX 16u /* CertReqs that one transaction records */
#define SP_DESK_APPROVALS_MAX 2	 /* persons that one request may need */
#define SP_DESK_PROGRAM_MIN_S 1	 /* how long a deciding program is waited for */
#define SP_DESK_PROGRAM_MAX_S 60
#define SP_DESK_KEEP_MIN_S (24 * 3600) /* sealed parts of decided requests: as long as a request can be repeated */
#define SP_DESK_KEEP_MAX_S (365 * 24 * 3600)

/* Account lists, as they are imported */
#define SP_ACCOUNT_LINE_MAX 64u		 /* octets of a card's line */
#define SP_ACCOUNTS_MAX 5000000u	 /* cards of one file */
#define SP_HOLDERS_MAX 100000u		 /* merchants and gateways of one file */
#define SP_HOLDERS_FILE_MAX (128u << 20) /* bytes of it */

/* Text bounds of the SET types (set-protocol section 3, "Upper bounds known") */
#define SP_UB_NAME_PART 64u /* O, OU, CN (X.520) */
#define SP_UB_BRAND_ID 40u
#define SP_UB_MERCHANT_ID 30u
#define SP_UB_MER_NAME 25u
#define SP_UB_CITY_NAME 50u
#define SP_UB_STATE_PROVINCE 25u
#define SP_UB_POSTAL_CODE 14u
#define SP_UB_COUNTRY_NAME 50u
#define SP_UB_TERSE_STATEMENT 2048u
#define SP_UB_LANGUAGE 35u
#define SP_UB_URL 512u
#define SP_UB_BIN 6u
#define SP_UB_PAN 19u
#define SP_UB_LOCAL_ID 20u
#define SP_UB_SW_IDENT 256u
#define SP_UB_ACQ_BUSINESS_ID 32u
#define SP_ACCT_ID_LEN 74u	 /* AcctIdentification is of one size */
#define SP_UB_REASON 512u	 /* of a referral or a failed item */
#define SP_UB_MESSAGE_TEXT 128u	 /* eeMessage, cardholderMsg */
#define SP_UB_BAD_WRAPPER 20000u /* what an Error may repeat when read; we write 1 kB (set-protocol 12.18) */
#define SP_NONCE_LEN 20u	 /* Nonce, Secret, Challenge, RRPID, XID (set-protocol 12.1) */
#define SP_UB_POLICY_TEXT 20000u
#define SP_UB_FIELD_NAME 128u
#define SP_UB_FIELD_DESC 200u
#define SP_UB_FIELD_VALUE 128u
#define SP_UB_FORM_FIELDS 50u

/* Protocol periods (set-protocol 12.6, 12.7, 12.19) */
#define SP_DATE_FUTURE_S (15 * 60)	   /* (p) a message may be this far ahead of our clock */
#define SP_DATE_PAST_S (24 * 3600)	   /* (p) and this far behind */
#define SP_CLOCK_SLACK_S (5 * 60)	   /* by so much clocks of one home may differ before somebody is told */
#define SP_CHALLENGE_S (24 * 3600)	   /* (p) life of a chall-CA */
#define SP_CHALLENGE_KEY_S (7 * 24 * 3600) /* how long chall-CAs are made with one key; then it is accepted as long */

/* Service: what setcad takes from strangers, and what its processes take from one another */
#define SP_HTTP_HEAD_MAX 8192u		     /* bytes of request line and headers */
#define SP_HTTP_FIELDS_MAX 64u		     /* headers of one request */
#define SP_HTTP_TARGET_MAX 512u		     /* characters of a request target */
#define SP_HTTP_CHUNK_LINE_MAX 64u	     /* characters of a chunk's first line, extensions included */
#define SP_SERVICE_WORKERS_MAX 32u	     /* authority processes */
#define SP_SERVICE_CONNECTIONS_MAX 65536u    /* (option) at once */
#define SP_SERVICE_QUEUE_MAX 4096u	     /* (option) requests that wait for the authority */
#define SP_SERVICE_WORD_MAX 64u		     /* characters of a name that one process tells another */
#define SP_SERVICE_STATS_MAX (128u << 10)    /* bytes of the figures that the front repeats under /metrics */
#define SP_SERVICE_SET_INDEX_MAX (32u << 20) /* bytes of the index of a packed public set */
#define SP_SERVICE_SET_FILES_MAX 65536u	     /* files in one */
#define SP_CHECK_INPUT_MAX (64u << 10)	     /* bytes that a check program is given */
#define SP_CHECK_PATH_MAX 1024u		     /* characters of its path */
#define SP_CHECK_OUTPUT_MAX (8u << 10)	     /* bytes that are read of what it prints */
#define SP_CHECK_SECONDS_MAX 600u	     /* it may run */
#define SP_CHECKS_MAX 64u		     /* at once */
#define SP_CHECK_WAIT_MS 2000		     /* that an answer waits for one; then it says requestInProgress; */
#define SP_CHECK_WAIT_OTHERS_MS 100	     /* and while other requests wait */
#define SP_ERRORS_PER_SECOND 20u	     /* signed Errors of one authority (set-protocol 12.18), */
#define SP_ERRORS_BURST 200u		     /* and how many at once */
#define SP_ACCOUNT_TRIES 20u		     /* forms and CertReqs of one account at once, at one authority, */
#define SP_ACCOUNT_TRY_EVERY_S 60	     /* and how long until one more may come */

#endif
