package tori_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"example.com/tori"
	"example.com/tori/internal/plain"
)

const fixtures = "../../tests/fixtures"

var background = context.Background()

// noTimings makes equal documents give equal bytes.
var noTimings = tori.Settings{"report.timings": "false"}

func fixture(name string) string {
	return filepath.Join(fixtures, name)
}

func newEngine(t testing.TB, settings tori.Settings) *tori.Engine {
	t.Helper()
	engine, err := tori.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

// documents are the paths of all fixtures, sound or not.
func documents(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, entry := range entries {
		if !entry.IsDir() {
			paths = append(paths, fixture(entry.Name()))
		}
	}
	return paths
}

// equal compares what came of a document with what tori_ingest_path makes of it.
func equal(t testing.TB, path string, result *tori.Result, err error, report *plain.Report, message string) {
	t.Helper()
	var failure *tori.Error
	switch {
	case report != nil && err == nil:
		if string(result.JSON) != report.JSON {
			t.Errorf("%s: the JSON is not that of tori_ingest_path", path)
		}
	case report == nil && errors.As(err, &failure):
		if failure.Message != message {
			t.Errorf("%s: the error is %q, tori_ingest_path's is %q", path, failure.Message, message)
		}
	default:
		t.Errorf("%s: the error is %v, tori_ingest_path's is %q", path, err, message)
	}
}

func TestEveryFixtureGivesWhatAPlainCallGives(t *testing.T) {
	engine := newEngine(t, noTimings)
	for _, path := range documents(t) {
		report, message := plain.Ingest(path)
		result, err := engine.Ingest(background, tori.File(path))
		equal(t, path, result, err, report, message)
	}
}

func TestTypedResultHoldsWhatTheStructsOfTheHeaderHold(t *testing.T) {
	engine := newEngine(t, noTimings)
	for _, name := range []string{"two_column.pdf", "report.pdf", "scanned.pdf", "note.md"} {
		report, message := plain.Ingest(fixture(name))
		if report == nil {
			t.Fatal(message)
		}
		result, err := engine.Ingest(background, tori.File(fixture(name)))
		if err != nil {
			t.Fatal(err)
		}
		typed := plain.Report{
			JSON:  string(result.JSON),
			Title: result.Document.Title,
			Pages: uint64(result.Document.Pages),
		}
		typed.Warnings = append(typed.Warnings, result.Warnings...)
		for _, c := range result.Concepts {
			concept := plain.Concept{
				Label: c.Label, Category: c.Category, Section: c.Section, Score: c.Score, Quality: c.Quality,
				ID: c.ID, Occurrences: c.Occurrences, FirstPage: c.FirstPage,
			}
			for _, span := range c.Spans {
				concept.Spans = append(concept.Spans, [2]uint64{span.Start, span.End})
			}
			typed.Concepts = append(typed.Concepts, concept)
		}
		if !reflect.DeepEqual(typed, *report) {
			t.Errorf("%s: the typed result is\n%.600v\nthe structs hold\n%.600v", name, typed, *report)
		}
	}
}

func TestFileBytesAndTextGiveTheSameConcepts(t *testing.T) {
	engine := newEngine(t, noTimings)
	for _, name := range []string{"two_column.pdf", "note.md", "plain.txt"} {
		data, err := os.ReadFile(fixture(name))
		if err != nil {
			t.Fatal(err)
		}
		sources := []tori.Source{tori.File(fixture(name)), tori.Bytes(data)}
		if !strings.HasSuffix(name, ".pdf") {
			sources = append(sources, tori.Text(string(data)))
		}
		var first *tori.Result
		for _, source := range sources {
			result, err := engine.Ingest(background, source)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = result
			}
			if len(result.Concepts) == 0 || !reflect.DeepEqual(first.Concepts, result.Concepts) {
				t.Errorf("%s as %T differs from %T", name, source, sources[0])
			}
		}
	}
}

func TestBytesAreCopiedBeforeTheWorkBegins(t *testing.T) {
	engine := newEngine(t, noTimings)
	data, err := os.ReadFile(fixture("two_column.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	expected, err := engine.Ingest(background, tori.Bytes(data))
	if err != nil {
		t.Fatal(err)
	}
	overwritten := false
	result, err := engine.Ingest(background, tori.Bytes(data), tori.OnProgress(func(tori.Progress) {
		if !overwritten {
			copy(data, make([]byte, len(data)))
			overwritten = true
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if !overwritten || string(result.JSON) != string(expected.JSON) {
		t.Error("the result is not that of the bytes as they were given")
	}
}

func TestSpansAreWhereTheTextMentionsTheConcept(t *testing.T) {
	engine := newEngine(t, nil)
	result, err := engine.Ingest(background, tori.File(fixture("plain.txt")), tori.Set("report.text", "true"))
	if err != nil {
		t.Fatal(err)
	}
	best := result.Concepts[0]
	if best.Label != "acoustic monitoring" {
		t.Fatalf("the best concept is %q", best.Label)
	}
	for _, span := range best.Spans {
		mention := strings.ToLower(strings.Join(strings.Fields(result.Text[span.Start:span.End]), " "))
		if mention != best.Label {
			t.Errorf("bytes %d to %d are %q", span.Start, span.End, mention)
		}
	}
}

func TestOptionsHoldForOneCallAndSettingsForAll(t *testing.T) {
	engine := newEngine(t, tori.Settings{"concepts.top": "7"})
	for _, want := range []struct {
		count   int
		options []tori.Option
	}{{7, nil}, {3, []tori.Option{tori.Set("concepts.top", "3")}}, {7, nil}} {
		result, err := engine.Ingest(background, tori.File(fixture("two_column.pdf")), want.options...)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Concepts) != want.count {
			t.Errorf("%d concepts, expected %d", len(result.Concepts), want.count)
		}
	}
}

func TestEveryFailureHasItsStatusAndItsFacts(t *testing.T) {
	engine := newEngine(t, nil)
	garbage, err := os.ReadFile(fixture("garbage.bin"))
	if err != nil {
		t.Fatal(err)
	}
	type facts map[string]any
	for _, want := range []struct {
		source  tori.Source
		option  tori.Option
		status  tori.Status
		name    string
		message string
		details facts
	}{
		{tori.File(fixture("empty.pdf")), nil, tori.ErrFormat, "TORI_E_FORMAT", "empty", facts{"path": fixture("empty.pdf")}},
		{tori.File(fixture("garbage.bin")), nil, tori.ErrFormat, "TORI_E_FORMAT", "not a document", facts{"offset": json.Number("64")}},
		{tori.File(fixture("invalid_utf8.txt")), nil, tori.ErrFormat, "TORI_E_FORMAT", "0xc3", facts{"line": json.Number("12")}},
		{tori.File(fixture("not_a_pdf.pdf")), nil, tori.ErrUnsupported, "TORI_E_UNSUPPORTED", "PostScript", facts{"found": "PostScript"}},
		{tori.File(fixture("encrypted_user.pdf")), nil, tori.ErrEncrypted, "TORI_E_ENCRYPTED", "password", facts{"key": "document.password"}},
		{tori.File(fixture("encrypted_user.pdf")), tori.Set("document.password", "wrong"), tori.ErrEncrypted, "TORI_E_ENCRYPTED", "password", nil},
		{tori.File(fixture("two_column.pdf")), tori.Set("limits.pages", "2"), tori.ErrLimit, "TORI_E_LIMIT", "limits.pages", facts{"limit": "limits.pages", "allowed": json.Number("2")}},
		{tori.File("no such file"), nil, tori.ErrIO, "TORI_E_IO", "no such file", facts{"os_error": json.Number("2")}},
		{tori.File("."), nil, tori.ErrIO, "TORI_E_IO", "directory", facts{"path": "."}},
		{tori.File(""), nil, tori.ErrArgument, "TORI_E_ARGUMENT", "path is empty", nil},
		{tori.File("a\x00b"), nil, tori.ErrArgument, "TORI_E_ARGUMENT", "NUL at offset 1", nil},
		{tori.Bytes(nil), nil, tori.ErrFormat, "TORI_E_FORMAT", "empty", nil},
		{tori.Bytes(garbage), nil, tori.ErrFormat, "TORI_E_FORMAT", "offset 64", nil},
		{tori.Text(""), nil, tori.ErrFormat, "TORI_E_FORMAT", "empty", nil},
		{tori.Text("r\uFFFDsum\xe9"), nil, tori.ErrArgument, "TORI_E_ARGUMENT", "0xe9 at offset 7", nil},
		{nil, nil, tori.ErrArgument, "TORI_E_ARGUMENT", "no document", nil},
		{tori.Text("a"), tori.Set("concepts.tpo", "3"), tori.ErrConfig, "TORI_E_CONFIG", "concepts.tpo", facts{"key": "concepts.tpo"}},
		{tori.Text("a"), tori.Set("database.path", "x"), tori.ErrConfig, "TORI_E_CONFIG", "database.path", nil},
		{tori.Text("a"), tori.Set("concepts.top\x00", "3"), tori.ErrArgument, "TORI_E_ARGUMENT", "NUL at offset 12", nil},
	} {
		var options []tori.Option
		if want.option != nil {
			options = append(options, want.option)
		}
		result, err := engine.Ingest(background, want.source, options...)
		var failure *tori.Error
		if result != nil || !errors.Is(err, want.status) || !errors.As(err, &failure) {
			t.Errorf("%v: expected %s, got %v", want.source, want.name, err)
			continue
		}
		if failure.Name != want.name || failure.Status != want.status || !strings.Contains(failure.Message, want.message) {
			t.Errorf("%v: expected %s with %q, got %s: %s", want.source, want.name, want.message, failure.Name, failure.Message)
		}
		for field, value := range want.details {
			if failure.Details[field] != value {
				t.Errorf("%v: %s is %v, expected %v, in %v", want.source, field, failure.Details[field], value, failure.Details)
			}
		}
		for _, other := range []error{tori.ErrPanic, context.Canceled, fs.ErrExist, tori.ErrClosed} {
			if errors.Is(err, other) {
				t.Errorf("%v: %v is %v, too", want.source, err, other)
			}
		}
		if missing := want.details["os_error"] == json.Number("2"); missing != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: that %v is fs.ErrNotExist should be %v", want.source, err, missing)
		}
	}
}

func TestPasswordOpensAnEncryptedDocument(t *testing.T) {
	engine := newEngine(t, nil)
	result, err := engine.Ingest(background, tori.File(fixture("encrypted_user.pdf")), tori.Set("document.password", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if result.Document.Pages != 2 || len(result.Concepts) == 0 {
		t.Errorf("%d pages, %d concepts", result.Document.Pages, len(result.Concepts))
	}
}

func TestWrongSettingsMakeNoEngine(t *testing.T) {
	for key, want := range map[string]struct {
		value  string
		status tori.Status
	}{
		"concepts.tpo":   {"3", tori.ErrConfig},
		"concepts.top":   {"many", tori.ErrConfig},
		"concepts\x00":   {"3", tori.ErrArgument},
		"database.path":  {"no such folder", tori.ErrDatabase},
		"document.wrong": {"\xff", tori.ErrArgument},
	} {
		engine, err := tori.New(tori.Settings{key: want.value, "database.require_external": "true"})
		if engine != nil || !errors.Is(err, want.status) {
			t.Errorf("%q = %q: expected %v, got %v", key, want.value, want.status, err)
		}
	}
}
