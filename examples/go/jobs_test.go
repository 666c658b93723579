package tori_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/tori"
	"example.com/tori/internal/plain"
)

// patience bounds what a test waits for; nothing in it should take more than a small part of that.
const patience = 30 * time.Second

// long is a text that takes a worker many times longer than any fixture, with slowly.
var long = func() string {
	words := strings.Fields("acoustic monitoring of bat populations with recorders that sample the noise of rivers " +
		"estimates species richness neural networks classify spectrograms cross-validation holds sites apart")
	random := rand.New(rand.NewSource(1))
	var text strings.Builder
	for text.Len() < 16<<20 {
		for i := 0; i < 100; i++ {
			text.WriteString(words[random.Intn(len(words))])
			text.WriteString(" ")
		}
		text.WriteString(".\n\n")
	}
	return text.String()
}()

// slowly has every part of a long document read.
var slowly = tori.Set("admin_mode", "true")

// until waits for a condition that comes about by itself.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come about in %v", what, patience)
		}
	}
}

// begun takes the long document in until its concepts are being looked for, and then calls then.
func begun(ctx context.Context, engine *tori.Engine, then func()) (*tori.Result, error) {
	var once sync.Once
	return engine.Ingest(ctx, tori.Text(long), slowly, tori.OnProgress(func(p tori.Progress) {
		if p.Stage == "concepts" {
			once.Do(then)
		}
	}))
}

func TestCancellingTheContextEndsTheJobAndFreesItsWorker(t *testing.T) {
	engine := newEngine(t, nil)
	start := time.Now()
	if _, err := engine.Ingest(background, tori.Text(long), slowly, tori.Set("concepts.top", "10")); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)

	// More often than there are workers: each must come back.
	for i := 0; i < 2*runtime.NumCPU(); i++ {
		ctx, cancel := context.WithCancel(background)
		var asked time.Time
		result, err := begun(ctx, engine, func() {
			time.AfterFunc(20*time.Millisecond, func() {
				asked = time.Now()
				cancel()
			})
		})
		took := time.Since(asked)
		if result != nil || !errors.Is(err, context.Canceled) || !errors.Is(err, tori.ErrCancelled) {
			t.Fatalf("expected context.Canceled and ErrCancelled, got %v", err)
		}
		if took > time.Second {
			t.Errorf("Ingest returned %v after it was cancelled", took)
		}
	}
	start = time.Now()
	if _, err := engine.Ingest(background, tori.File(fixture("plain.txt"))); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > whole/2 {
		t.Errorf("a short document took %v after the cancelled ones, the long one takes %v", took, whole)
	}
}

func TestDeadlineOfTheContextEndsTheJob(t *testing.T) {
	engine := newEngine(t, nil)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err := engine.Ingest(ctx, tori.Text(long), slowly)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, tori.ErrCancelled) {
		t.Errorf("expected context.DeadlineExceeded, got %v", err)
	}
	_, err = engine.Ingest(ctx, tori.Text("too late"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected context.DeadlineExceeded, got %v", err)
	}
	_, err = engine.Ingest(background, tori.Text(long), slowly, tori.Set("limits.wall_ms", "50"))
	if !errors.Is(err, tori.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected ErrTimeout, got %v", err)
	}
}

func TestOneJobTooManyIsRefused(t *testing.T) {
	engine := newEngine(t, tori.Settings{"jobs.waiting": "1"})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var refused, ended sync.WaitGroup
	var busy int32
	// Every worker has one, one waits.
	for i := 0; i < 20; i++ {
		ended.Add(1)
		refused.Add(1)
		go func() {
			defer ended.Done()
			var once sync.Once
			_, err := engine.Ingest(ctx, tori.Text(long), slowly, tori.OnProgress(func(tori.Progress) { once.Do(refused.Done) }))
			if errors.Is(err, tori.ErrBusy) {
				atomic.AddInt32(&busy, 1)
				refused.Done()
			}
		}()
	}
	refused.Wait()
	cancel()
	ended.Wait()
	if busy < 3 {
		t.Errorf("%d of 20 jobs were refused: at most 16 workers have one, and one waits", busy)
	}
	if _, err := engine.Ingest(background, tori.File(fixture("plain.txt"))); err != nil {
		t.Errorf("after the others have ended: %v", err)
	}
}

func TestTwoHundredAtOnceGiveWhatPlainCallsGive(t *testing.T) {
	type expected struct {
		report  *plain.Report
		message string
	}
	paths, want := documents(t), map[string]expected{}
	for _, path := range paths {
		report, message := plain.Ingest(path)
		want[path] = expected{report, message}
	}
	for _, processors := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			engine := newEngine(t, noTimings)
			var group sync.WaitGroup
			for i := 0; i < 200; i++ {
				group.Add(1)
				go func(path string) {
					defer group.Done()
					var last tori.Progress
					var running, returned int32
					result, err := engine.Ingest(background, tori.File(path), tori.OnProgress(func(p tori.Progress) {
						if atomic.AddInt32(&running, 1) != 1 || atomic.LoadInt32(&returned) != 0 {
							t.Errorf("%s: progress while other progress is told of, or after the end", path)
						}
						if p == last || p.Percent < last.Percent {
							t.Errorf("%s: %+v after %+v", path, p, last)
						}
						last = p
						atomic.AddInt32(&running, -1)
					}))
					atomic.StoreInt32(&returned, 1)
					equal(t, path, result, err, want[path].report, want[path].message)
					if (err == nil) != (last.Percent == 100) {
						t.Errorf("%s: the last progress is %+v, the error %v", path, last, err)
					}
				}(paths[i%len(paths)])
			}
			group.Wait()
		})
	}
}

func threads(t testing.TB) int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skipf("threads cannot be counted here: %v", err)
	}
	return len(tasks)
}

func TestWaitingGoroutinesHoldNoThreads(t *testing.T) {
	for _, processors := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			engine := newEngine(t, nil)
			if _, err := engine.Ingest(background, tori.File(fixture("plain.txt"))); err != nil {
				t.Fatal(err)
			}
			before := threads(t)
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			var submitted, ended sync.WaitGroup
			var waiting int32
			for i := 0; i < 200; i++ {
				submitted.Add(1)
				ended.Add(1)
				go func() {
					defer ended.Done()
					var once sync.Once
					_, err := engine.Ingest(ctx, tori.File(fixture("two_column.pdf")), tori.OnProgress(func(tori.Progress) {
						once.Do(func() {
							atomic.AddInt32(&waiting, 1)
							submitted.Done()
						})
					}))
					atomic.AddInt32(&waiting, -1)
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				}()
			}
			submitted.Wait()
			now, still := threads(t), atomic.LoadInt32(&waiting)
			cancel()
			ended.Wait()
			t.Logf("%d threads before, %d with %d jobs waiting", before, now, still)
			if still < 100 {
				t.Errorf("only %d of 200 jobs were waiting when the threads were counted", still)
			}
			if most := before + processors + 16; now > most {
				t.Errorf("%d threads, expected at most %d", now, most)
			}
		})
	}
}

// dispatchers counts the goroutines of engines.
func dispatchers() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "(*queue).dispatch(")
}

// eventDescriptors counts the descriptors of queues.
func eventDescriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("descriptors cannot be counted here: %v", err)
	}
	count := 0
	for _, entry := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && strings.Contains(target, "[eventfd]") {
			count++
		}
	}
	return count
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	// Other tests' engines are closed, but the work of their cancelled jobs may go on for a moment.
	until(t, "the end of other engines", func() bool { return dispatchers() == 0 })
	descriptors := eventDescriptors(t)

	engine := newEngine(t, nil)
	var started, ended sync.WaitGroup
	for i := 0; i < 40; i++ {
		started.Add(1)
		ended.Add(1)
		go func() {
			defer ended.Done()
			var once sync.Once
			_, err := engine.Ingest(background, tori.Text(long), slowly, tori.OnProgress(func(tori.Progress) { once.Do(started.Done) }))
			if !errors.Is(err, tori.ErrClosed) || !errors.Is(err, tori.ErrCancelled) {
				t.Errorf("expected ErrClosed, got %v", err)
			}
		}()
	}
	started.Wait()
	var closers sync.WaitGroup
	for i := 0; i < 10; i++ {
		closers.Add(1)
		go func() {
			defer closers.Done()
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	closers.Wait()
	if _, err := engine.Ingest(background, tori.Text("too late")); !errors.Is(err, tori.ErrClosed) {
		t.Errorf("expected ErrClosed, got %v", err)
	}
	ended.Wait()
	until(t, "the end of the engine's goroutine", func() bool { return dispatchers() == 0 })
	until(t, "the end of the queue's descriptors", func() bool { return eventDescriptors(t) <= descriptors })
}

func TestCloseMeetsIngestAtAnyMoment(t *testing.T) {
	for i := 0; i < 200; i++ {
		engine := newEngine(t, nil)
		var group sync.WaitGroup
		for j := 0; j < 4; j++ {
			group.Add(1)
			go func() {
				defer group.Done()
				_, err := engine.Ingest(background, tori.File(fixture("plain.txt")))
				if err != nil && !errors.Is(err, tori.ErrClosed) {
					t.Errorf("expected a result or ErrClosed, got %v", err)
				}
			}()
		}
		time.Sleep(time.Duration(rand.Intn(4000)) * time.Microsecond)
		engine.Close()
		group.Wait()
	}
}

func TestCloseMayBeCalledByAProgressFunction(t *testing.T) {
	engine := newEngine(t, nil)
	_, err := begun(background, engine, func() { engine.Close() })
	if !errors.Is(err, tori.ErrClosed) {
		t.Errorf("expected ErrClosed, got %v", err)
	}
}

func TestForgottenEngineIsClosed(t *testing.T) {
	until(t, "the end of other engines", func() bool { return dispatchers() == 0 })
	func() {
		engine, err := tori.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Ingest(background, tori.File(fixture("plain.txt"))); err != nil {
			t.Fatal(err)
		}
	}()
	until(t, "the end of a forgotten engine", func() bool {
		runtime.GC()
		return dispatchers() == 0
	})
}

func TestEngineOutlivesItsLastMentionWhileItWorks(t *testing.T) {
	engine, err := tori.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.Ingest(background, tori.File(fixture("two_column.pdf")), tori.OnProgress(func(tori.Progress) {
		runtime.GC()
	}))
	if err != nil {
		t.Error(err)
	}
}

func TestPanicOfAProgressFunctionReachesTheCallerAndCancelsTheJob(t *testing.T) {
	// Jobs that went on would soon fill every worker and the one place to wait.
	engine := newEngine(t, tori.Settings{"jobs.waiting": "1"})
	for i := 0; i < runtime.NumCPU()+3; i++ {
		func() {
			defer func() {
				if recovered := recover(); recovered != "enough" {
					t.Errorf("expected the panic of the progress function, got %v", recovered)
				}
			}()
			_, err := engine.Ingest(background, tori.Text(long), slowly, tori.OnProgress(func(tori.Progress) { panic("enough") }))
			t.Errorf("Ingest returned %v", err)
		}()
	}
}

func TestSlowProgressFunctionHoldsNobodyElseUp(t *testing.T) {
	engine := newEngine(t, nil)
	hold, held := make(chan struct{}), make(chan error, 1)
	entered := make(chan struct{})
	var once sync.Once
	go func() {
		_, err := engine.Ingest(background, tori.File(fixture("two_column.pdf")), tori.OnProgress(func(tori.Progress) {
			once.Do(func() { close(entered) })
			<-hold
		}))
		held <- err
	}()
	<-entered
	for i := 0; i < 50; i++ {
		if _, err := engine.Ingest(background, tori.File(fixture("plain.txt"))); err != nil {
			t.Fatal(err)
		}
	}
	close(hold)
	if err := <-held; err != nil {
		t.Error(err)
	}
}

func TestProgramsAreStartedWhileJobsRun(t *testing.T) {
	engine := newEngine(t, nil)
	ctx, cancel := context.WithCancel(background)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for ctx.Err() == nil {
				if _, err := engine.Ingest(ctx, tori.File(fixture("two_column.pdf"))); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		}()
	}
	for i := 0; i < 50; i++ {
		listing, err := exec.Command("ls", "-l", "/proc/self/fd").CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, listing)
		}
		if strings.Contains(string(listing), "eventfd") {
			t.Fatalf("a descriptor of the queue was inherited:\n%s", listing)
		}
	}
	cancel()
	group.Wait()
}

// residentBytes is the memory of the process once Go has given back what it can.
func residentBytes(t testing.TB) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("memory cannot be measured here: %v", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestMemoryStaysFlat(t *testing.T) {
	paper, err := os.ReadFile(fixture("two_column.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	// What is given is 250 kB for each call and what is found 100 kB, so a handle kept would show.
	round := func() {
		engine := newEngine(t, nil)
		defer engine.Close()
		var group sync.WaitGroup
		for i := 0; i < 8; i++ {
			group.Add(1)
			go func(random *rand.Rand) {
				defer group.Done()
				for j := 0; j < 25; j++ {
					ctx, cancel := context.WithCancel(background)
					if j%4 == 0 {
						time.AfterFunc(time.Duration(random.Intn(50))*time.Millisecond, cancel)
					}
					_, err := engine.Ingest(ctx, tori.Bytes(paper))
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					cancel()
					for k := 0; k < 100; k++ {
						if _, err := engine.Ingest(background, tori.Bytes(nil)); !errors.Is(err, tori.ErrFormat) {
							t.Error(err)
						}
					}
				}
			}(rand.New(rand.NewSource(int64(i))))
		}
		group.Wait()
	}
	round()
	warm := residentBytes(t)
	for i := 0; i < 3; i++ {
		round()
	}
	grown := residentBytes(t) - warm
	t.Logf("%d MiB after 200 papers, %+d KiB after 600 more", warm>>20, grown>>10)
	if grown > 12<<20 {
		t.Errorf("600 papers made the process grow by %d MiB", grown>>20)
	}
}
