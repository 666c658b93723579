\echo Use "CREATE EXTENSION tori" to load this file. \quit

-- STABLE and not IMMUTABLE: results depend on the concept database and on tori.settings.

CREATE FUNCTION tori_concepts(document bytea, settings jsonb DEFAULT '{}')
RETURNS TABLE (rank int, concept text, score float8, quality float8, category text, source text, section text,
               first_page int, occurrences int)
AS 'MODULE_PATHNAME', 'concepts_of_bytes'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 200;

CREATE FUNCTION tori_concepts(document text, settings jsonb DEFAULT '{}')
RETURNS TABLE (rank int, concept text, score float8, quality float8, category text, source text, section text,
               first_page int, occurrences int)
AS 'MODULE_PATHNAME', 'concepts_of_text'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 200;

CREATE FUNCTION tori_report(document bytea, settings jsonb DEFAULT '{}') RETURNS jsonb
AS 'MODULE_PATHNAME', 'report_of_bytes'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000000;

CREATE FUNCTION tori_report(document text, settings jsonb DEFAULT '{}') RETURNS jsonb
AS 'MODULE_PATHNAME', 'report_of_text'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000000;

-- start counts characters from 1: substr(document, start, length) = mention.
CREATE FUNCTION tori_tag(document text)
RETURNS TABLE (start int, length int, mention text, concept text)
AS 'MODULE_PATHNAME', 'tags_of_text'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10000 ROWS 100;

CREATE FUNCTION tori_version() RETURNS text
AS 'MODULE_PATHNAME', 'library_version'
LANGUAGE C STABLE PARALLEL SAFE;
