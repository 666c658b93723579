#!/bin/sh
# Builds the extension, installs it beside a copy of the server's programs in a temporary folder, runs a cluster there
# on a unix socket, and checks through psql what README.md promises. The system's own server is left alone.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
system=/usr/lib/postgresql/15/bin
need cc gcc libc6-dev
need make make
need "$system/initdb" postgresql-15
# Debian's pg_config is in another package than the headers it tells of.
[ -e "$("$system/pg_config" --includedir-server)/postgres.h" ] || need_packages postgresql-server-dev-15
need_library
# The library would take its concepts from there.
unset TORI_CONCEPT_DB

temp=$(mktemp -d "${TMPDIR:-/tmp}/tori-postgresql.XXXXXX")
chmod 755 "$temp"
data=$temp/data
programs=$temp/root$system
clean_up() {
    [ ! -e "$data/postmaster.pid" ] || as_server "$programs/pg_ctl" -D "$data" -w -t 60 -m immediate stop >&2 || :
    rm -rf "$temp"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# --- helpers ------------------------------------------------------------------------------------------------------

# Runs a program as a user that initdb and postgres accept.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

server() {
    as_server "$programs/pg_ctl" -D "$data" -w -t 60 -l "$temp/server/log" "$1" >"$temp/pg_ctl" 2>&1 && return 0
    cat "$temp/pg_ctl" "$temp/server/log" >&2
    return 1
}

# Runs SQL in a session of its own, as psql prints it; of an error its SQLSTATE. Goes on after errors.
sql() {
    timeout 120 psql -X -q -A -t -v VERBOSITY=sqlstate -h "$temp/server" -U "${user:-postgres}" \
        -d "${database:-postgres}" "$@" 2>&1 || :
}

passed=0
failed=0

# is NAME FOUND EXPECTED
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "ok $((passed + failed)) - $1"
    else
        failed=$((failed + 1))
        echo "not ok $((passed + failed)) - $1"
        printf 'found:\n%s\nexpected:\n%s\n' "$2" "$3" | sed 's/^/#   /'
    fi
}

# until_true COMMAND... : waits, at most 30 seconds, until the command succeeds.
until_true() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        if [ $tries -eq 300 ]; then
            echo "waited too long for: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

threads_of() {
    ls "/proc/$1/task" | wc -l
}

# --- a server of its own ------------------------------------------------------------------------------------------

# The server finds its files relative to its program: the copy finds what is installed beside it.
libraries=$("$system/pg_config" --pkglibdir)
share=$("$system/pg_config" --sharedir)
mkdir -p "$temp/build" "$temp/server" "$data" "$programs" "$temp/root$libraries" "$temp/root$share"
cp "$system/postgres" "$system/initdb" "$system/pg_ctl" "$programs"
ln -s "$libraries"/* "$temp/root$libraries"
cp -R "$share/." "$temp/root$share"
for goal in all install; do
    make -s -C "$temp/build" -f "$root/examples/postgresql/Makefile" TORI_LIB="$TORI_LIB" \
        PG_CONFIG="$system/pg_config" COPT=-Werror DESTDIR="$temp/root" "$goal" >/dev/null
done

[ "$(id -u)" -ne 0 ] || chown postgres "$temp/server" "$data"
as_server "$programs/initdb" -D "$data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >"$temp/initdb"
cat >>"$data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$temp/server'
max_connections = 50
fsync = off
END
server start

cp -R tests/fixtures "$temp/fixtures"
chmod -R a+rX "$temp/fixtures"
sql -c 'CREATE EXTENSION tori' -c 'CREATE ROLE visitor LOGIN' -v folder="$temp/fixtures" -f - <<'END'
CREATE TABLE fixtures AS
    SELECT name, pg_read_binary_file(:'folder' || '/' || name) AS body
    FROM pg_ls_dir(:'folder') AS name WHERE NOT (pg_stat_file(:'folder' || '/' || name)).isdir;
CREATE FUNCTION fixture(text) RETURNS bytea LANGUAGE sql STABLE AS 'SELECT body FROM fixtures WHERE name = $1';
GRANT SELECT ON fixtures TO visitor;

-- Documents that take seconds: a text, and a PDF that is one page with one stream.
CREATE TABLE words AS
    SELECT word FROM regexp_split_to_table(
        tori_report(fixture('two_column.pdf'), '{"report.text": true}') ->> 'text', '\s+') AS word
    WHERE word ~ '^[a-zA-Z]+$';
CREATE TABLE long (kind text, body bytea);
ALTER TABLE long ALTER body SET STORAGE EXTERNAL;
INSERT INTO long
    SELECT 'text', convert_to(string_agg(word, CASE WHEN n % 13 = 0 THEN '. ' ELSE ' ' END ORDER BY md5(word || n)), 'UTF8')
    FROM words, generate_series(1, 600) AS n;
INSERT INTO long
    SELECT 'pdf', convert_to(format(
        E'%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n'
        '3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font'
        '/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n4 0 obj\n<</Length %s>>\nstream\n%s\nendstream\nendobj\n'
        'trailer<</Root 1 0 R>>\n', length(content), content), 'UTF8')
    FROM (SELECT 'BT /F1 10 Tf 12 TL 50 700 Td ' || string_agg('(' || word || ' ) Tj T* ', '') || 'ET' AS content
          FROM words, generate_series(1, 500)) AS page;
END

# --- results ------------------------------------------------------------------------------------------------------

is 'the version is that of the header' "$(sql -c 'SELECT tori_version()')" \
    "$(sed -n 's/^#define TORI_VERSION_\(MAJOR\|MINOR\|PATCH\) //p' include/tori.h | paste -sd .)"

# In a folder without data/, as the server's.
cc -std=c99 -O2 -I include examples/ingest.c -o "$temp/ingest" -L "$TORI_LIB" -ltori -Wl,-rpath,"$TORI_LIB"
for name in two_column.pdf report.pdf groff.pdf rotated.pdf encrypted_owner.pdf scanned.pdf blank.pdf truncated.pdf \
    plain.txt note.md; do
    (cd "$temp/build" && "$temp/ingest" --json "$temp/fixtures/$name" >"$temp/fixtures/$name.json" 2>/dev/null)
    is "$name gives what the library gives to a C program" "$(sql -v name="$name" -v json="$temp/fixtures/$name.json" <<'END'
CREATE TEMP TABLE expected AS SELECT pg_read_file(:'json')::jsonb AS report;
SELECT tori_report(fixture(:'name')) #- '{document,name}' = report #- '{document,name}' #- '{document,path}' #- '{timings_ms}'
FROM expected;
SELECT count(*) FILTER (WHERE (c.concept, c.score, c.quality, c.category, c.source, c.section, c.first_page, c.occurrences)
                        IS DISTINCT FROM (e ->> 'label', (e ->> 'score')::float8, (e ->> 'quality')::float8,
                                          e ->> 'category', e ->> 'source', e ->> 'section', (e ->> 'first_page')::int,
                                          (e ->> 'occurrences')::int))
FROM (SELECT e, rank FROM expected, jsonb_array_elements(report -> 'concepts') WITH ORDINALITY AS j (e, rank)) AS j
FULL JOIN tori_concepts(fixture(:'name')) AS c USING (rank);
END
)" "t
0"
done

is 'text gives what its bytes give' "$(sql <<'END'
SELECT count(*) > 10, count(*) = count(b.rank), bool_and(t = b)
FROM tori_concepts(convert_from(fixture('note.md'), 'UTF8')) AS t FULL JOIN tori_concepts(fixture('note.md')) AS b USING (rank);
END
)" 't|t|t'

is 'settings of a call count for it alone' "$(sql <<'END'
SELECT count(*) FROM tori_concepts(fixture('groff.pdf'), '{"concepts.top": 7, "document.dehyphenate": true}');
SELECT count(*) > 7 FROM tori_concepts(fixture('groff.pdf'));
SELECT count(*) > 7 FROM tori_concepts(fixture('encrypted_user.pdf'), '{"document.password": "secret"}');
END
)" '7
t
t'

is 'NULL gives no rows and NULL' "$(sql <<'END'
SELECT count(*) FROM tori_concepts(NULL::bytea);
SELECT count(*) FROM tori_concepts('a text', NULL);
SELECT count(*) FROM tori_tag(NULL);
SELECT tori_report(NULL::text) IS NULL;
END
)" '0
0
0
t'

is 'tags are where substr finds them' "$(sql <<'END'
WITH text AS (SELECT 'Größe, 𝛼-Teilchen: an SVM, a “support vector machine” – naïve Bayes. ' AS t)
SELECT string_agg(concept, ','), bool_and(mention = substr(t, start, length)) FROM text, tori_tag(t);
WITH text AS (SELECT convert_from(fixture('plain.txt'), 'UTF8') AS t)
SELECT count(*) > 10, bool_and(mention = substr(t, start, length)) FROM text, tori_tag(t);
SELECT count(*) FROM tori_tag('');
SELECT count(*) FROM tori_tag(repeat('word ', 4000000));
END
)" 'support vector machine,support vector machine,naive Bayes classifier|t
t|t
0
ERROR:  54000'

is 'a NUL in the title of a PDF is a space in the report' "$(sql <<'END'
SELECT tori_report(decode(replace(encode(body, 'hex'), encode('Checksum Placement', 'hex'),
                                  encode($$Check\\000\\\\u0000nt$$, 'hex')), 'hex')) #>> '{document,metadata,title}'
FROM fixtures WHERE name = 'groff.pdf';
END
)" 'Check \u0000nt in Replicated Block Storage'

is 'warnings are raised only when asked for' "$(sql <<'END'
SELECT count(*) FROM tori_concepts(fixture('scanned.pdf'));
SET tori.warnings = on;
SELECT count(*) FROM tori_concepts(fixture('scanned.pdf'));
END
)" '0
WARNING:  01000
0'

# --- errors -------------------------------------------------------------------------------------------------------

is 'hostile documents give their SQLSTATE, and the session goes on' "$(sql <<'END'
SELECT pg_backend_pid() AS pid \gset
SELECT count(*) FROM tori_concepts(fixture('empty.pdf'));
SELECT count(*) FROM tori_concepts(fixture('garbage.bin'));
SELECT count(*) FROM tori_concepts(fixture('invalid_utf8.txt'));
SELECT count(*) FROM tori_concepts(fixture('not_a_pdf.pdf'));
SELECT count(*) FROM tori_concepts(fixture('encrypted_user.pdf'));
SELECT tori_report(fixture('encrypted_user.pdf'), '{"document.password": "wrong"}');
SELECT count(*) FROM tori_concepts('');
SET tori.settings = 'limits.pages = 2';
SELECT count(*) FROM tori_concepts(fixture('two_column.pdf'));
SET tori.settings = 'limits.wall_ms=20,admin_mode=true';
SELECT count(*) FROM long, tori_concepts(body) WHERE kind = 'text';
RESET tori.settings;
SELECT count(*) > 100, pg_backend_pid() = :pid FROM tori_concepts(fixture('two_column.pdf'));
END
)" 'ERROR:  22000
ERROR:  22000
ERROR:  22000
ERROR:  0A000
ERROR:  28P01
ERROR:  28P01
ERROR:  22000
ERROR:  54000
ERROR:  54000
t|t'

is 'wrong settings are refused' "$(sql <<'END'
SELECT tori_report('a text', '[1]');
SELECT tori_report('a text', '{"concepts.top": null}');
SELECT tori_report('a text', '{"concepts.top": {"a": 1}}');
SELECT tori_report('a text', '{"concepts.top": -1}');
SELECT tori_report('a text', '{"no.such": 1}');
SELECT tori_report('a text', '{"database.path": "/"}');
SELECT tori_report('a text', '{"limits.pages": 1}');
SELECT tori_report('a text', '{"admin_mode": true}');
SET tori.settings = 'limits.pages = none';
SET tori.settings = 'limits.pages';
SET tori.settings = 'concepts.top=1, database.path=/';
SET tori.settings = '=';
SET tori.settings = ', concepts.top=1 , ';
SET tori.nonsense = 1;
END
)" 'ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  42501
ERROR:  42501
ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  22023
ERROR:  42602'

is 'an error has the message, the JSON and a hint' "$(sql -v VERBOSITY=default -c "SELECT tori_report(fixture('encrypted_user.pdf'))")" \
    'ERROR:  the document is encrypted and needs a password: set document.password
DETAIL:  {"key":"document.password","message":"the document is encrypted and needs a password: set document.password","name":"TORI_E_ENCRYPTED","status":-5}
HINT:  Give the password: settings => '\''{"document.password": "..."}'\''.'

is 'ordinary users take documents in and lift no limits' "$(user=visitor sql <<'END'
SELECT count(*) > 100 FROM fixtures, tori_concepts(body) WHERE name = 'groff.pdf';
SET tori.settings = 'limits.pages = 100000';
SET tori.database = '/etc/passwd';
SET tori.workers = 100;
SHOW tori.database;
SET tori.warnings = on;
END
)" 't
ERROR:  42501
ERROR:  42501
ERROR:  42501
ERROR:  42501'
is 'nor by setting parameters before the module is loaded' "$(user=visitor sql <<'END'
SET tori.settings = 'limits.pages = 1';
SET tori.database = '/etc/passwd';
SELECT count(*) > 100 FROM fixtures, tori_concepts(body) WHERE name = 'groff.pdf';
SELECT current_setting('tori.settings') = '';
END
)" 'WARNING:  42501
WARNING:  42501
t
t'

echo '{"version": 1, "concepts": [{"name": "slack", "category": "storage"}]}' >"$temp/fixtures/concepts.json"
chmod a+r "$temp/fixtures/concepts.json"
is 'tori.database is the one used, or an error' "$(sql -v path="$temp/fixtures/concepts.json" <<'END'
SET tori.database = :'path';
SELECT concept FROM tori_tag('An SVM has slack.');
SELECT category FROM tori_concepts(fixture('two_column.pdf')) WHERE concept = 'slack';
SELECT tori_report('a text') -> 'database' ->> 'concepts';
SET tori.database = '/nonexistent';
SELECT concept FROM tori_tag('An SVM has slack.');
RESET tori.database;
SELECT concept FROM tori_tag('An SVM has slack.');
END
)" 'slack
storage
1
ERROR:  F0000
support vector machine'

# --- cancelling ---------------------------------------------------------------------------------------------------

is 'statement_timeout cancels, and the next query works' "$(sql <<'END'
SELECT pg_backend_pid() AS pid \gset
SET tori.settings = 'admin_mode = true';
SET statement_timeout = 50;
SELECT count(*) FROM long, tori_concepts(body) WHERE kind = 'text';
SET statement_timeout = 100;
SELECT count(*) FROM long, tori_concepts(body) WHERE kind = 'pdf';
SELECT tori_report(body) FROM long WHERE kind = 'text';
SET statement_timeout = 5000;
SELECT count(*) > 100, pg_backend_pid() = :pid FROM tori_concepts(fixture('two_column.pdf'));
END
)" 'ERROR:  57014
ERROR:  57014
ERROR:  57014
t|t'

# busy KIND : starts a session that works on a long document, and gives its backend's number in $backend.
busy() {
    PGAPPNAME=busy sql -v kind="$1" >"$temp/busy" <<'END' &
SET tori.settings = 'admin_mode = true';
SELECT count(*) FROM long, tori_concepts(body) WHERE kind = :'kind';
\echo :SQLSTATE
SELECT count(*) > 100 FROM tori_concepts(fixture('two_column.pdf'));
END
    session=$!
    backend=
    until_true is_busy
}

is_busy() {
    backend=$(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'busy' AND wait_event = 'Extension'")
    [ -n "$backend" ]
}

for kind in text pdf; do
    busy $kind
    sql -c "SELECT pg_cancel_backend($backend)" >/dev/null
    wait $session
    is "pg_cancel_backend cancels a long $kind, and the session goes on" "$(cat "$temp/busy")" 'ERROR:  57014
57014
t'
done

for kind in text pdf text pdf text pdf; do
    busy $kind
    sql -c "SELECT pg_terminate_backend($backend, 20000)" >"$temp/terminated"
    wait $session
    is "pg_terminate_backend ends a session in the middle of a long $kind" \
        "$(cat "$temp/terminated"; sed -n '1p' "$temp/busy")" 't
FATAL:  57P01'
done

is 'a cancel at any moment leaves the session as it was' "$({
    echo "CREATE TEMP TABLE before AS SELECT md5(string_agg(c::text, ',')) FROM tori_concepts(fixture('two_column.pdf')) AS c;"
    awk 'BEGIN { for (ms = 1; ms <= 120; ms++)
        print "SET statement_timeout = " ms % 60 + 1 "; SELECT count(*) FROM tori_concepts(fixture('\''two_column.pdf'\''));" }'
    echo "RESET statement_timeout;"
    echo "SELECT md5(string_agg(c::text, ',')) = (TABLE before) FROM tori_concepts(fixture('two_column.pdf')) AS c;"
    echo "SELECT count(*) FROM pg_ls_dir('/proc/self/task');"
} | sql | grep -v -x -e 250 -e 'ERROR:  57014')" 't
2'

# --- many at once -------------------------------------------------------------------------------------------------

is 'parallel workers give the rows of a serial scan' "$(sql <<'END'
CREATE TABLE many AS
    SELECT row_number() OVER () AS id, body FROM fixtures, generate_series(1, 4)
    WHERE name IN ('two_column.pdf', 'report.pdf', 'groff.pdf', 'note.md');
CREATE TEMP TABLE serial AS SELECT id, rank, c::text FROM many, tori_concepts(body) AS c;
ALTER TABLE many SET (parallel_workers = 2);
SET parallel_tuple_cost = 0;
\o | grep -o 'Workers Launched: .*'
EXPLAIN (ANALYZE) SELECT id, rank, c::text FROM many, tori_concepts(body) AS c;
\o
CREATE TEMP TABLE parallel AS SELECT id, rank, c::text FROM many, tori_concepts(body) AS c;
SELECT count(*) > 1000, count(*) = count(s), bool_and(s = p)
FROM serial AS s FULL JOIN parallel AS p USING (id, rank);
SET force_parallel_mode = on;
SELECT count(*) FROM tori_tag('An SVM is a support vector machine.');
SELECT count(*) FROM tori_concepts(fixture('garbage.bin'));
END
)" 'Workers Launched: 2
t|t|t
2
ERROR:  22000'

cat >"$temp/script" <<'END'
SELECT 1 / (count(*) = 250)::int FROM tori_concepts(fixture('two_column.pdf'));
SELECT 1 / (count(*) = 2)::int FROM tori_tag('An SVM is a support vector machine.');
END
is '20 clients at once get the rows of one' "$(timeout 300 "$system/pgbench" -n -c 20 -j 2 -t 10 -f "$temp/script" \
    -h "$temp/server" -U postgres postgres 2>&1 | sed -n 's/^number of transactions actually processed: //p')" 200/200

is 'tori.workers is the number of threads, and is fixed by the first call' \
    "$(PGOPTIONS='-c tori.workers=3' sql <<'END'
SELECT count(*) FROM tori_concepts(fixture('two_column.pdf'));
SELECT count(*) FROM pg_ls_dir('/proc/self/task');
SET tori.workers = 2;
SET tori.workers = 3;
END
)" '250
4
ERROR:  22023'

# --- nothing left behind ------------------------------------------------------------------------------------------

# Calls that succeed, fail and are cancelled, each a statement of its own.
calls() {
    awk -v calls="$1" 'BEGIN { for (i = 0; i < calls; i++) {
        print "SELECT count(*) FROM tori_concepts(fixture('\''two_column.pdf'\'') || convert_to('\''" i "'\'', '\''UTF8'\''));"
        print "SELECT length(tori_report(fixture('\''groff.pdf'\''))::text) AS length;"
        print "SELECT count(*) FROM tori_tag(repeat('\''An SVM. '\'', 100));"
        print "SELECT count(*) FROM tori_concepts(fixture('\''encrypted_user.pdf'\''));"
        print "SET statement_timeout = 10; SELECT count(*) FROM tori_concepts(fixture('\''two_column.pdf'\'')); RESET statement_timeout;"
    } }'
}
measure() {
    cat <<'END'
SELECT count(*) AS descriptors,
    pg_size_bytes((regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s+(\d+ kB)'))[1]) AS memory
FROM pg_ls_dir('/proc/self/fd');
END
}
# A line before and one after: descriptors|bytes.
{ calls 100 && measure && calls 200 && measure; } | sql | grep -E '^[0-9]+\|[0-9]+$' | tee "$temp/left" | sed 's/^/# /'
is '1000 calls leave no descriptor open' "$(cut -d '|' -f 1 "$temp/left" | uniq | wc -l)" 1
is '1000 calls leave no memory behind' \
    "$(awk -F '|' '{ before = after; after = $2 } END { print NR, after < before * 1.25 }' "$temp/left")" '2 1'

# --- encodings ----------------------------------------------------------------------------------------------------

for encoding in LATIN1 EUC_JP SQL_ASCII; do
    sql -c "CREATE DATABASE in_$encoding TEMPLATE template0 ENCODING $encoding LOCALE 'C'" >/dev/null
    database=in_$(echo $encoding | tr A-Z a-z) sql -c 'CREATE EXTENSION tori'
done
export PGCLIENTENCODING=UTF8
accents="SELECT rank, concept, quality FROM tori_concepts(pg_read_binary_file('$temp/fixtures/plain.txt'))"
is 'a LATIN1 database has the same concepts' "$(database=in_latin1 sql -c "$accents")" "$(sql -c "$accents")"
is 'text in LATIN1 is converted' "$(database=in_latin1 sql <<'END'
SELECT count(*) = 1, string_agg(concept, ',') FROM tori_concepts('Die Größentheorie ist neu.', '{"concepts.top": 1}');
SELECT mention, mention = substr(t, start, length) FROM (VALUES ('Größe: das SVM')) AS v (t), tori_tag(t);
SELECT tori_report('Der Begriff Größentheorie ist neu.', '{"report.text": true}') ->> 'text';
SELECT tori_report('Größe', '{"Größe": 1}');
END
)" 't|Größentheorie
SVM|t
Der Begriff Größentheorie ist neu.
ERROR:  22023'
is 'a character that LATIN1 lacks is an error' "$(database=in_latin1 sql <<'END'
SELECT concept FROM tori_concepts('\xcebb2d63616c63756c7573'::bytea);
SELECT concept FROM tori_tag('the SVM');
END
)" 'ERROR:  22P05
support vector machine'
is 'tags count characters of EUC_JP' "$(database=in_euc_jp sql <<'END'
SELECT start, mention, mention = substr(t, start, length)
FROM (VALUES ('日本語のデータベース： SVM、 support vector machine です')) AS v (t), tori_tag(t);
END
)" '13|SVM|t
18|support vector machine|t'
is 'bytes without an encoding are checked' "$(database=in_sql_ascii sql <<'END'
SELECT mention FROM (VALUES ('Größe: das SVM')) AS v (t), tori_tag(t);
SELECT count(*) FROM tori_tag(E'\xff\xfe SVM');
SELECT count(*) FROM tori_concepts(E'\xff\xfe SVM'::text);
END
)" 'SVM
ERROR:  22021
ERROR:  22021'
unset PGCLIENTENCODING

# --- the README ---------------------------------------------------------------------------------------------------

sql -c 'CREATE DATABASE readme'
awk '/^```sql/ { on = 1; next } /^```/ { on = 0 } on' examples/postgresql/README.md >"$temp/readme.sql"
is 'the SQL of README.md works' "$(database=readme sql -v ON_ERROR_STOP=1 -f "$temp/readme.sql" | tail -n 1)" 'two_column.pdf|1|1'
is 'its trigger keeps the index, and takes a paper that cannot be read' "$(database=readme sql -v folder="$temp/fixtures" <<'END'
UPDATE papers SET body = pg_read_binary_file(:'folder' || '/groff.pdf');
SELECT count(*) FROM paper_concepts WHERE concept = 'log-structured merge-tree';
SELECT count(*) FROM paper_concepts;
UPDATE papers SET body = pg_read_binary_file(:'folder' || '/garbage.bin');
SELECT count(*) FROM paper_concepts;
END
)" '0
50
WARNING:  01000
0'

# --- the server as a whole ----------------------------------------------------------------------------------------

sql -c "LOAD 'tori'" -c "ALTER SYSTEM SET shared_preload_libraries = 'tori'" -c "ALTER SYSTEM SET tori.settings = 'concepts.top = 3'"
server restart
is 'preloaded, the postmaster has no thread of the library, sessions have theirs' "$(
    threads_of "$(head -n 1 "$data/postmaster.pid")"
    sql <<'END'
SELECT count(*) FROM pg_ls_dir('/proc/self/task');
SELECT count(*) FROM tori_concepts(fixture('two_column.pdf'));
SELECT count(*) FROM pg_ls_dir('/proc/self/task');
ALTER SYSTEM SET tori.settings = 'concepts.top = four';
ALTER SYSTEM SET tori.settings = 'concepts.top = 4';
SELECT true FROM pg_reload_conf();
DO 'BEGIN FOR i IN 1 .. 300 LOOP PERFORM pg_sleep(0.1); EXIT WHEN current_setting(''tori.settings'') LIKE ''%4''; END LOOP; END';
SELECT count(*) FROM tori_concepts(fixture('two_column.pdf'));
END
)" '1
1
3
2
ERROR:  22023
t
4'
is 'preloaded, 20 clients at once are served' "$(sed 's/250/4/' "$temp/script" >"$temp/script4"
    timeout 300 "$system/pgbench" -n -C -c 20 -j 2 -t 5 -f "$temp/script4" -h "$temp/server" -U postgres postgres 2>&1 |
    sed -n 's/^number of transactions actually processed: //p')" 100/100

busy pdf
kill -9 "$(head -n 1 "$data/postmaster.pid")"
wait $session
gone() {
    [ ! -e "/proc/$backend" ]
}
is 'a session at work ends when the postmaster dies' "$(until_true gone && echo gone)" gone
server start
is 'the server comes back' "$(sql -c "SELECT count(*) FROM tori_concepts(fixture('two_column.pdf'))")" 4

server stop
is 'no process crashed' "$(grep -E 'terminated by signal|PANIC|exited with exit code [^1]|TRAP' "$temp/server/log" || :)" ''

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
