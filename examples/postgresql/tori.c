/*
 * libtori as SQL functions.
 *
 * A document is worked on by a thread of the library, as a job, while the backend waits on its latch and on the
 * job's queue: a cancelled or timed out query cancels the job. The library never calls back, so no error of the
 * server jumps over its frames, and everything it hands out is held by a Call, which is ended whatever happens.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/wait_event.h"

#include "tori.h"

PG_MODULE_MAGIC;

/* Tagging runs in the backend and cannot be interrupted: this much takes about a quarter of a second. */
#define MOST_TAGGED_BYTES (16 * 1024 * 1024)

/* What one SQL call holds of the library. */
typedef struct Call
{
	tori_config *config;
	tori_database *database;
	tori_request *request;
	tori_job   *job;
	tori_result *result;
	tori_tags  *tags;
	tori_error *error;
} Call;

static char *guc_settings = NULL;
static char *guc_database = NULL;
static int	guc_workers = 1;
static bool guc_warnings = false;

/*
 * The engine of this backend, made by its first call, never in the postmaster: shared_preload_libraries would
 * otherwise make every backend inherit a database that the parameters may no longer name.
 */
static tori_engine *engine = NULL;
static bool engine_outdated = false;

/* Where the backend's jobs tell of their progress and end. */
static tori_queue *queue = NULL;

PG_FUNCTION_INFO_V1(concepts_of_bytes);
PG_FUNCTION_INFO_V1(concepts_of_text);
PG_FUNCTION_INFO_V1(report_of_bytes);
PG_FUNCTION_INFO_V1(report_of_text);
PG_FUNCTION_INFO_V1(tags_of_text);
PG_FUNCTION_INFO_V1(library_version);

void		_PG_init(void);

static void
end_call(Call *call)
{
	if (call->job != NULL)
	{
		tori_event	event = {.struct_size = sizeof event};

		tori_job_cancel(call->job);
		tori_job_free(call->job);
		/* What is in the queue keeps its job. */
		while (tori_queue_next(queue, 0, &event) == TORI_OK)
			;
	}
	tori_request_free(call->request);
	tori_result_free(call->result);
	tori_tags_free(call->tags);
	tori_database_free(call->database);
	tori_config_free(call->config);
	tori_error_free(call->error);
}

/*
 * A string of the library in an error report. Conversion could raise an error of its own in place of the one to
 * be reported.
 */
static char *
diagnostic(const char *text)
{
	char	   *copy = pstrdup(text);

	if (GetDatabaseEncoding() != PG_UTF8)
	{
		for (char *p = copy; *p != '\0'; p++)
		{
			if (IS_HIGHBIT_SET(*p))
				*p = '?';
		}
	}
	return copy;
}

static int
sqlstate_of(tori_status status)
{
	switch (status)
	{
		case TORI_E_ARGUMENT:
		case TORI_E_CONFIG:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case TORI_E_IO:
			return ERRCODE_IO_ERROR;
		case TORI_E_FORMAT:
			return ERRCODE_DATA_EXCEPTION;
		case TORI_E_ENCRYPTED:
			return ERRCODE_INVALID_PASSWORD;
		case TORI_E_TIMEOUT:	/* of limits.wall_ms; WHEN OTHERS would not catch query_canceled */
		case TORI_E_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case TORI_E_DATABASE:
			return ERRCODE_CONFIG_FILE_ERROR;
		case TORI_E_CANCELLED:
			return ERRCODE_QUERY_CANCELED;
		case TORI_E_BUSY:
			return ERRCODE_INSUFFICIENT_RESOURCES;
		case TORI_E_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		default:
			return ERRCODE_INTERNAL_ERROR;
	}
}

static const char *
hint_for(tori_status status)
{
	switch (status)
	{
		case TORI_E_ENCRYPTED:
			return "Give the password: settings => '{\"document.password\": \"...\"}'.";
		case TORI_E_TIMEOUT:
		case TORI_E_LIMIT:
			return "The limits of documents are set by the parameter tori.settings.";
		case TORI_E_DATABASE:
			return "The concept database is set by the parameter tori.database.";
		case TORI_E_PANIC:
			return "This is a bug in libtori; the session can go on.";
		default:
			return NULL;
	}
}

/* Raises call->error unless status is TORI_OK. */
static void
check(const Call *call, tori_status status)
{
	const char *hint = hint_for(status);

	if (status == TORI_OK)
		return;
	if (call->error == NULL)
		elog(ERROR, "libtori refused a call: %s", tori_status_name(status));
	ereport(ERROR,
			(errcode(sqlstate_of(status)),
			 errmsg_internal("%s", diagnostic(tori_error_message(call->error))),
			 errdetail_internal("%s", diagnostic(tori_error_json(call->error, NULL))),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/* The server's converters give back what they were given, of the length given, when there is nothing to convert. */
static char *
converted(char *text, const char *from, size_t *len)
{
	if (text != from)
		*len = strlen(text);
	return text;
}

static char *
to_utf8(const char *text, size_t *len)
{
	return converted(pg_server_to_any(text, (int) *len, PG_UTF8), text, len);
}

static char *
from_utf8(const char *utf8, size_t *len)
{
	return converted(pg_any_to_server(utf8, (int) *len, PG_UTF8), utf8, len);
}

static Datum
text_datum(const char *utf8, size_t len)
{
	const char *text = from_utf8(utf8, &len);

	return PointerGetDatum(cstring_to_text_with_len(text, (int) len));
}

/* Sets one setting given as "key=value", with white space around the sign and at the end. */
static tori_status
set_from_item(tori_config *config, const char *item, size_t len, tori_error **error)
{
	const char *end = item + len;
	const char *key_end = memchr(item, '=', len);
	const char *value = key_end != NULL ? key_end + 1 : end;
	char		key[NAMEDATALEN];

	if (key_end == NULL)
		key_end = end;
	while (key_end > item && isspace((unsigned char) key_end[-1]))
		key_end--;
	while (value < end && isspace((unsigned char) *value))
		value++;
	while (end > value && isspace((unsigned char) end[-1]))
		end--;
	/* A longer key is none of the library's, nor is its beginning. */
	strlcpy(key, item, Min(sizeof key, (size_t) (key_end - item) + 1));
	/* It would let those who may set tori.settings, and not tori.database, read files of the server. */
	if (strncmp(key, "database.", 9) == 0)
		return TORI_E_ARGUMENT;
	return tori_config_set(config, key, value, end - value, error);
}

/* Sets the settings of a list "key=value, key=value". */
static tori_status
set_from_list(tori_config *config, const char *list, tori_error **error)
{
	tori_status status = TORI_OK;

	for (list += strspn(list, ", \t\r\n"); *list != '\0' && status == TORI_OK; list += strspn(list, ", \t\r\n"))
	{
		size_t		len = strcspn(list, ",");

		status = set_from_item(config, list, len, error);
		list += len;
	}
	return status;
}

/* Brings the engine in step with the parameters. */
static void
prepare_engine(Call *call)
{
	tori_engine *fresh = NULL;

	if (engine != NULL && !engine_outdated)
		return;
	if (engine == NULL)
	{
		char		workers[12];

		snprintf(workers, sizeof workers, "%d", guc_workers);
		if (setenv("MAX_PARALLEL_WORKERS_OVERRIDE", workers, 1) != 0)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	call->config = tori_config_new();
	/* A STABLE function gives equal results for equal documents. */
	check(call, tori_config_set(call->config, "report.timings", "false", TORI_NUL_TERMINATED, &call->error));
	check(call, set_from_list(call->config, guc_settings, &call->error));
	/* The database named, or an error: never silently another one. */
	if (guc_database[0] != '\0')
		check(call, tori_database_open_path(guc_database, &call->database, &call->error));
	check(call, tori_engine_new(call->config, &fresh, &call->error));
	if (call->database != NULL)
		tori_engine_set_database(fresh, call->database);
	tori_engine_free(engine);
	engine = fresh;
	engine_outdated = false;
}

static char *
value_as_text(const char *key, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("setting \"%s\" must be a string, a number or a boolean", key)));
	}
}

/* Whether a setting protects the server, so that only those who may set tori.settings set it. */
static bool
is_protected(const char *key)
{
	return strncmp(key, "limits.", 7) == 0 || strncmp(key, "jobs.", 5) == 0 || strcmp(key, "admin_mode") == 0;
}

/* Sets what the SQL argument "settings" holds. */
static void
set_from_argument(Call *call, Jsonb *settings)
{
	JsonbIterator *it = JsonbIteratorInit(&settings->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (!JB_ROOT_IS_OBJECT(settings))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("settings must be a JSON object"),
				 errhint("For example '{\"concepts.top\": 10}'.")));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		else if (token == WJB_VALUE)
		{
			char	   *value = value_as_text(key, &v);
			size_t		key_len = strlen(key);
			size_t		len = strlen(value);

			if (is_protected(key))
				ereport(ERROR,
						(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						 errmsg("setting \"%s\" cannot be given to a call", key),
						 errhint("It is set for the session or the server by the parameter tori.settings.")));
			value = to_utf8(value, &len);
			check(call, tori_request_set(call->request, to_utf8(key, &key_len), value, len, &call->error));
		}
	}
}

/* Puts the document, the first SQL argument, into the request. The library gets a copy: a worker may still be
 * reading it when the error that ended the query has taken the server's memory away. */
static void
set_document(Call *call, Datum argument, bool is_text)
{
	struct varlena *document = PG_DETOAST_DATUM_PACKED(argument);
	char	   *data = VARDATA_ANY(document);
	size_t		len = VARSIZE_ANY_EXHDR(document);

	if (is_text)
	{
		char	   *utf8 = to_utf8(data, &len);

		check(call, tori_request_text(call->request, utf8, len));
		if (utf8 != data)
			pfree(utf8);
	}
	else
		check(call, tori_request_bytes(call->request, data, len));
	if ((Pointer) document != DatumGetPointer(argument))
		pfree(document);
}

/* Works on the request until the job has ended, or the query is cancelled. */
static void
wait_for_result(Call *call)
{
	tori_event	event = {.struct_size = sizeof event};

	if (queue == NULL)
		check(call, tori_queue_new(&queue, &call->error));
	check(call, tori_request_queue(call->request, queue));
	check(call, tori_submit(engine, call->request, &call->job, &call->error));
	while (event.kind != TORI_EVENT_DONE || event.job_id != tori_job_id(call->job))
	{
		WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_SOCKET_READABLE | WL_EXIT_ON_PM_DEATH,
						  (pgsocket) tori_queue_fd(queue), -1L, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		tori_queue_next(queue, 0, &event);
	}
	check(call, tori_job_result(call->job, &call->result, &call->error));
}

static void
raise_warnings(const Call *call)
{
	const char *warning;

	for (size_t i = 0; (warning = tori_result_warning(call->result, i)) != NULL; i++)
		ereport(WARNING, (errmsg_internal("%s", diagnostic(warning))));
}

/* Takes the document of a SQL call in: call->result is there on return. */
static void
ingest(Call *call, FunctionCallInfo fcinfo, bool is_text)
{
	prepare_engine(call);
	call->request = tori_request_new();
	set_from_argument(call, PG_GETARG_JSONB_P(1));
	set_document(call, PG_GETARG_DATUM(0), is_text);
	wait_for_result(call);
	if (guc_warnings)
		raise_warnings(call);
}

static const char *
source_name(uint32_t source)
{
	switch (source)
	{
		case TORI_SOURCE_STATISTICAL:
			return "statistical";
		case TORI_SOURCE_DATABASE:
			return "database";
		default:
			return "both";
	}
}

static void
return_concepts(const Call *call, ReturnSetInfo *returned)
{
	size_t		count = tori_result_count(call->result);

	for (size_t i = 0; i < count; i++)
	{
		tori_concept concept = {.struct_size = sizeof concept};
		Datum		values[9];
		bool		nulls[9] = {false};

		check(call, tori_result_concept(call->result, i, &concept));
		values[0] = Int32GetDatum((int32) i + 1);
		values[1] = text_datum(concept.label, concept.label_len);
		values[2] = Float8GetDatum(concept.score);
		values[3] = Float8GetDatum(concept.quality);
		values[4] = text_datum(concept.category, strlen(concept.category));
		values[5] = CStringGetTextDatum(source_name(concept.source));
		values[6] = CStringGetTextDatum(concept.section);
		values[7] = Int32GetDatum((int32) concept.first_page);
		values[8] = Int32GetDatum((int32) concept.occurrences);
		tuplestore_putvalues(returned->setResult, returned->setDesc, values, nulls);
	}
}

static Datum
concepts(FunctionCallInfo fcinfo, bool is_text)
{
	Call	   *call = palloc0(sizeof *call);

	InitMaterializedSRF(fcinfo, 0);
	PG_TRY();
	{
		ingest(call, fcinfo, is_text);
		return_concepts(call, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	PG_FINALLY();
	{
		end_call(call);
	}
	PG_END_TRY();
	return (Datum) 0;
}

Datum
concepts_of_bytes(PG_FUNCTION_ARGS)
{
	return concepts(fcinfo, false);
}

Datum
concepts_of_text(PG_FUNCTION_ARGS)
{
	return concepts(fcinfo, true);
}

/* Metadata of a document may hold NULs, which jsonb cannot: they become spaces. */
static char *
without_nuls(const char *json)
{
	char	   *copy = pstrdup(json);

	for (char *p = strchr(copy, '\\'); p != NULL; p = strchr(p + 2, '\\'))
	{
		if (strncmp(p, "\\u0000", 6) == 0)
			p[4] = '2';
	}
	return copy;
}

static Datum
report(FunctionCallInfo fcinfo, bool is_text)
{
	Call	   *call = palloc0(sizeof *call);
	Datum		result;

	PG_TRY();
	{
		size_t		len;
		const char *json;

		ingest(call, fcinfo, is_text);
		json = tori_result_json(call->result, &len);
		result = DirectFunctionCall1(jsonb_in, CStringGetDatum(without_nuls(from_utf8(json, &len))));
	}
	PG_FINALLY();
	{
		end_call(call);
	}
	PG_END_TRY();
	return result;
}

Datum
report_of_bytes(PG_FUNCTION_ARGS)
{
	return report(fcinfo, false);
}

Datum
report_of_text(PG_FUNCTION_ARGS)
{
	return report(fcinfo, true);
}

/* Characters of the server's encoding in a piece of UTF-8. */
static int
characters(const char *utf8, size_t len)
{
	char	   *piece = from_utf8(utf8, &len);
	int			count = pg_mbstrlen_with_len(piece, (int) len);

	if (piece != utf8)
		pfree(piece);
	return count;
}

static void
return_tags(const Call *call, const char *utf8, ReturnSetInfo *returned)
{
	size_t		count = tori_tags_count(call->tags);
	uint64_t	counted = 0;
	int			position = 1;

	for (size_t i = 0; i < count; i++)
	{
		tori_tag	tag = {.struct_size = sizeof tag};
		Datum		values[4];
		bool		nulls[4] = {false};
		int			length;

		check(call, tori_tags_get(call->tags, i, &tag));
		position += characters(utf8 + counted, tag.start - counted);
		length = characters(utf8 + tag.start, tag.end - tag.start);
		values[0] = Int32GetDatum(position);
		values[1] = Int32GetDatum(length);
		values[2] = text_datum(utf8 + tag.start, tag.end - tag.start);
		values[3] = text_datum(tag.label, tag.label_len);
		tuplestore_putvalues(returned->setResult, returned->setDesc, values, nulls);
		pfree(DatumGetPointer(values[2]));
		pfree(DatumGetPointer(values[3]));
		position += length;
		counted = tag.end;
		CHECK_FOR_INTERRUPTS();
	}
}

Datum
tags_of_text(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	size_t		len = VARSIZE_ANY_EXHDR(document);
	char	   *utf8 = to_utf8(VARDATA_ANY(document), &len);
	Call	   *call = palloc0(sizeof *call);

	if (len > MOST_TAGGED_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text of %zu bytes is too long to be tagged: at most %d bytes of UTF-8 are", len,
						MOST_TAGGED_BYTES),
				 errhint("Tag its parts, or take it in with tori_concepts.")));
	InitMaterializedSRF(fcinfo, 0);
	PG_TRY();
	{
		prepare_engine(call);
		if (call->database == NULL)
			call->database = tori_engine_database(engine);
		check(call, tori_database_tag(call->database, utf8, len, &call->tags, &call->error));
		return_tags(call, utf8, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	PG_FINALLY();
	{
		end_call(call);
	}
	PG_END_TRY();
	return (Datum) 0;
}

Datum
library_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(tori_version()));
}

static bool
check_settings(char **value, void **extra, GucSource source)
{
	tori_config *config = tori_config_new();
	tori_error *error = NULL;
	tori_status status = set_from_list(config, *value, &error);

	if (error != NULL)
		GUC_check_errdetail("%s", tori_error_message(error));
	else if (status != TORI_OK)
		GUC_check_errdetail("The concept database is set by the parameter tori.database.");
	tori_error_free(error);
	tori_config_free(config);
	return status == TORI_OK;
}

static bool
check_workers(int *value, void **extra, GucSource source)
{
	if (engine == NULL || *value == guc_workers || source < PGC_S_INTERACTIVE)
		return true;
	GUC_check_errdetail("The %d of this session have been started; set it before the first call.", guc_workers);
	return false;
}

static void
outdate_engine(const char *value, void *extra)
{
	engine_outdated = true;
}

void
_PG_init(void)
{
	DefineCustomStringVariable("tori.settings",
							   "Settings of libtori, as \"key=value, key=value\".",
							   "The argument \"settings\" of a call overrides them, but for those that protect the server.",
							   &guc_settings, "", PGC_SUSET, 0, check_settings, outdate_engine, NULL);
	DefineCustomStringVariable("tori.database",
							   "Concept file, or folder of concept files, on the server.",
							   "Empty: what the library finds, in the end the concepts compiled into it.",
							   &guc_database, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, outdate_engine, NULL);
	DefineCustomIntVariable("tori.workers",
							"Worker threads of a session.",
							"They are started by the session's first call.",
							&guc_workers, 1, 1, 1024, PGC_SUSET, 0, check_workers, NULL, NULL);
	DefineCustomBoolVariable("tori.warnings",
							 "Raises a warning for what was passed over in a document or looks wrong.",
							 NULL,
							 &guc_warnings, false, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("tori");
}
