package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const fixtures = "../../../../tests/fixtures/"

// The test's program is the command itself when it is started with this in its environment.
const asCommand = "RUN_AS_CONCEPTS"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func concepts(arguments ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(context.Background(), arguments, &out, &err)
	return status, out.String(), err.String()
}

// command is the command as a process of its own.
func command(arguments ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], arguments...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

func TestTablesComeInTheOrderOfTheFiles(t *testing.T) {
	status, stdout, stderr := concepts("-rows", "2", fixtures+"two_column.pdf", fixtures+"plain.txt")
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	paper, text := strings.Index(stdout, "two_column.pdf: Slack-Driven"), strings.Index(stdout, "plain.txt: Acoustic")
	if paper < 0 || text < paper {
		t.Errorf("the two documents are not there in their order:\n%s", stdout)
	}
	if rows := strings.Count(stdout, "\n1  ") + strings.Count(stdout, "\n2  ") + strings.Count(stdout, "\n3  "); rows != 4 {
		t.Errorf("%d rows, expected 2 for each file:\n%s", rows, stdout)
	}
	if !strings.Contains(stderr, "  0 % init ") || !strings.Contains(stderr, "100 % complete   "+fixtures+"two_column.pdf\n") {
		t.Errorf("no progress from beginning to end:\n%s", stderr)
	}
}

func TestJSONIsOneReportALine(t *testing.T) {
	status, stdout, stderr := concepts("-json", "-quiet", "-set", "concepts.top=3", fixtures+"report.pdf", fixtures+"note.md")
	if status != exitOK || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, expected 2", len(lines))
	}
	for i, name := range []string{"report.pdf", "note.md"} {
		var report struct {
			Document struct{ Name string }
			Concepts []any
		}
		if err := json.Unmarshal([]byte(lines[i]), &report); err != nil {
			t.Fatal(err)
		}
		if report.Document.Name != name || len(report.Concepts) != 3 {
			t.Errorf("line %d is of %s with %d concepts", i+1, report.Document.Name, len(report.Concepts))
		}
	}
}

func TestControlCharactersOfADocumentAreNotPrinted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hostile.md")
	if err := os.WriteFile(path, []byte("# A \x1b[31mred\a title\n\nLizards run in the sun.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := concepts("-quiet", path)
	if status != exitOK || !strings.Contains(stdout, "A [31mred title") || strings.ContainsAny(stdout, "\x1b\a") {
		t.Errorf("status %d: %q%s", status, stdout, stderr)
	}
}

func TestOneUnreadableFileDoesNotStopTheOthers(t *testing.T) {
	status, stdout, stderr := concepts("-quiet", fixtures+"encrypted_user.pdf", "no such file", fixtures+"plain.txt")
	if status != exitFailed || !strings.Contains(stdout, "plain.txt: Acoustic") {
		t.Errorf("status %d:\n%s", status, stdout)
	}
	for _, want := range []string{"encrypted_user.pdf: tori: ", "set document.password", "no such file: tori: cannot open"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in:\n%s", want, stderr)
		}
	}
}

func TestWrongCommandLinesAreRefused(t *testing.T) {
	for _, wrong := range []struct {
		arguments []string
		message   string
	}{
		{nil, "usage: concepts"},
		{[]string{"-jsn", "a"}, "-jsn"},
		{[]string{"-rows", "-1", "a"}, "usage: concepts"},
		{[]string{"-rows", "few", "a"}, `"few"`},
		{[]string{"-timeout", "-1s", "a"}, "usage: concepts"},
		{[]string{"-set", "concepts.top", "a"}, "expected KEY=VALUE"},
		{[]string{"-set", "concepts.tpo=3", "a"}, "concepts.tpo"},
		{[]string{"-set", "concepts.top=x", "a"}, "concepts.top"},
	} {
		status, stdout, stderr := concepts(wrong.arguments...)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, wrong.message) {
			t.Errorf("%q: status %d, expected %q:\n%s%s", wrong.arguments, status, wrong.message, stdout, stderr)
		}
	}
	if status, _, stderr := concepts("-h"); status != exitOK || !strings.Contains(stderr, "-timeout TIME") {
		t.Errorf("-h: status %d:\n%s", status, stderr)
	}
}

// longFile is a file that takes seconds.
func longFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(fixtures + "plain.txt")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "long.txt")
	if err := os.WriteFile(path, bytes.Repeat(text, 8<<20/len(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTimeoutNamesTheFile(t *testing.T) {
	path := longFile(t)
	status, _, stderr := concepts("-quiet", "-timeout", "50ms", "-set", "admin_mode=true", path)
	if status != exitFailed || !strings.Contains(stderr, path+": tori: ") || !strings.Contains(stderr, "deadline exceeded") {
		t.Errorf("status %d:\n%s", status, stderr)
	}
}

func TestInterruptCancelsEveryFile(t *testing.T) {
	path := longFile(t)
	process := command("-set", "admin_mode=true", path, path, path)
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	interrupted := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "concepts ") && !interrupted {
			interrupted = true
			if err := process.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := process.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("%v, expected exit status %d", err, exitInterrupted)
	}
	if !strings.HasSuffix(said.String(), "concepts: interrupted\n") || strings.Contains(said.String(), "100 %") {
		t.Errorf("it went on, or did not say why it stopped:\n%s", said.String())
	}
}

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var stderr bytes.Buffer
	status := run(context.Background(), []string{"-quiet", fixtures + "plain.txt"}, full, &stderr)
	if status != exitFailed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}
