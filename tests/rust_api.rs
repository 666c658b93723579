//! The library as a Rust program meets it.

use std::ops::ControlFlow;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tori::config::Config;
use tori::database::Database;
use tori::document::Document;
use tori::engine::{CancelToken, Engine, Request};
use tori::error::{Error, ErrorKind};
use tori::pool;
use tori::queue::Queue;
use tori::report::Report;
use tori::store::Store;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

#[test]
fn public_types_may_cross_threads_and_unwinding() {
    fn all<T: Send + Sync>() {}
    fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}
    all::<Engine>();
    all::<Request<'static>>();
    all::<Report>();
    all::<Error>();
    all::<Config>();
    all::<Database>();
    all::<Document>();
    all::<CancelToken>();
    unwinds::<Error>();
    unwinds::<Config>();
    unwinds::<Document>();
    unwinds::<CancelToken>();
}

#[test]
fn the_pool_is_the_same_before_and_after_calls() {
    let before = pool::info().unwrap();
    let engine = Engine::shared().unwrap();
    for _ in 0..3 {
        engine.ingest(&Request::path(fixture("groff.pdf"))).unwrap();
    }
    let other = Engine::new(Config::new()).unwrap();
    other
        .ingest(&Request::text("A second engine shares the pool."))
        .unwrap();
    assert_eq!(pool::info().unwrap(), before);
}

#[test]
fn progress_runs_on_the_calling_thread() {
    let caller = thread::current().id();
    let threads = Arc::new(Mutex::new(Vec::new()));
    let seen = threads.clone();
    let request = Request::path(fixture("groff.pdf")).on_progress(move |_| {
        seen.lock().unwrap().push(thread::current().id());
        ControlFlow::Continue(())
    });
    Engine::shared().unwrap().ingest(&request).unwrap();
    let threads = threads.lock().unwrap();
    assert!(!threads.is_empty() && threads.iter().all(|thread| *thread == caller));
}

#[test]
fn calls_from_a_hosts_own_rayon_pool_complete() {
    let theirs = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let engine = Engine::shared().unwrap();
    let counts: Vec<usize> = theirs.install(|| {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        (0..16)
            .into_par_iter()
            .map(|_| {
                let report = engine.ingest(&Request::path(fixture("groff.pdf"))).unwrap();
                report.concepts.len()
            })
            .collect()
    });
    assert!(counts[0] > 0 && counts.iter().all(|count| *count == counts[0]));
    // The other way round: a callback of ours that works on their pool.
    let request = Request::path(fixture("groff.pdf")).on_progress(move |_| {
        assert_eq!(theirs.install(|| rayon::join(|| 1, || 2)), (1, 2));
        ControlFlow::Continue(())
    });
    engine.ingest(&request).unwrap();
}

#[test]
fn events_that_nobody_can_take_any_more_keep_no_job_alive() {
    let tag: Arc<dyn std::any::Any + Send + Sync> = Arc::new("held by the job");
    let held = Arc::downgrade(&tag);
    let queue = Queue::new().unwrap();
    let mut request = Request::text("A text whose end nobody hears of.");
    request.set_queue(Some(queue.clone()));
    request.set_tag(Some(tag));
    let job = Engine::shared().unwrap().submit(request).unwrap();
    job.wait(None).unwrap();
    drop((job, queue));
    // The worker lets go of its job a moment after the end.
    while held.strong_count() > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_token_cancels_from_another_thread() {
    let token = CancelToken::new();
    let engine = Engine::shared().unwrap();
    let stopper = token.clone();
    // Cancelled from inside the first event, by the token and not by the callback's answer.
    let request = Request::path(fixture("two_column.pdf"))
        .cancelled_by(token)
        .on_progress(move |_| {
            thread::scope(|scope| scope.spawn(|| stopper.cancel()).join().unwrap());
            ControlFlow::Continue(())
        });
    assert_eq!(
        engine.ingest(&request).unwrap_err().kind(),
        ErrorKind::Cancelled
    );
    engine.ingest(&Request::path(fixture("groff.pdf"))).unwrap();
}

#[test]
fn a_deadline_that_passed_names_its_setting() {
    let mut request = Request::text("word ".repeat(2_000_000));
    request.set("limits.wall_ms", "1").unwrap();
    let error = Engine::shared().unwrap().ingest(&request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("limits.wall_ms = 1 ms"), "{error}");
}

#[test]
fn a_report_is_the_same_from_path_bytes_and_again() {
    let mut config = Config::new();
    config.set("report.timings", "false").unwrap();
    let engine = Engine::new(config).unwrap();
    let path = fixture("report.pdf");
    let bytes = std::fs::read(&path).unwrap();
    let one = engine.ingest(&Request::bytes(bytes.as_slice())).unwrap();
    let two = engine.ingest(&Request::bytes(bytes)).unwrap();
    let three = engine.ingest(&Request::path(path)).unwrap();
    assert_eq!(one.json(), two.json());
    assert_eq!(
        serde_json::to_value(&one.concepts).unwrap(),
        serde_json::to_value(&three.concepts).unwrap()
    );
}

#[test]
fn spans_point_at_the_words_of_the_text() {
    let mut request = Request::path(fixture("two_column.pdf"));
    request.set("report.text", "true").unwrap();
    let report = Engine::shared().unwrap().ingest(&request).unwrap();
    let text = report.text.as_deref().unwrap();
    let mut named = 0;
    for concept in &report.concepts {
        for (start, end) in &concept.spans {
            let words = &text[*start as usize..*end as usize];
            assert!(!words.trim().is_empty(), "{concept:?}");
        }
        let (start, end) = concept.spans[0];
        let words = text[start as usize..end as usize]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        named += usize::from(words.eq_ignore_ascii_case(&concept.label));
    }
    // Others are plurals, or the names of the database.
    assert!(
        named * 2 > report.concepts.len(),
        "{named} of {}",
        report.concepts.len()
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    let engine = Engine::shared().unwrap();
    let text = "\u{feff}# Topic models\n\nTopic models find latent topics in text.\n";
    let one = engine.ingest(&Request::text(text)).unwrap();
    let two = engine.ingest(&Request::bytes(text.as_bytes())).unwrap();
    assert_eq!(one.document.title.as_deref(), Some("Topic models"));
    assert_eq!(one.document.text_bytes, two.document.text_bytes);
}

#[test]
fn encrypted_documents_read_like_their_original() {
    let engine = Engine::shared().unwrap();
    let original = engine.read(&Request::path(fixture("groff.pdf"))).unwrap();
    let mut request = Request::path(fixture("encrypted_user.pdf"));
    request.set("document.password", "secret").unwrap();
    assert_eq!(engine.read(&request).unwrap().text, original.text);
    assert_eq!(
        engine
            .read(&Request::path(fixture("encrypted_owner.pdf")))
            .unwrap()
            .text,
        original.text
    );
}

#[test]
fn every_sort_of_encryption_is_opened_by_its_passwords_and_by_no_other() {
    let engine = Engine::shared().unwrap();
    let read = |name: &str, password: &str| {
        let mut request = Request::path(fixture("encrypted").join(name));
        request.set("document.password", password).unwrap();
        engine.read(&request)
    };
    for sort in ["rc4_40", "rc4_128", "aes_128", "aes_256_r5", "aes_256_r6"] {
        let open = format!("{sort}.pdf");
        let locked = format!("{sort}_secret.pdf");
        for (name, password) in [
            (&open, ""),
            (&open, "any"),
            (&locked, "secret"),
            (&locked, "owner-secret"),
        ] {
            let document = read(name, password).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(document.text.contains("who know the word."), "{name}");
            assert_eq!(document.metadata.title.as_deref(), Some("A Secret Page"));
        }
        for (password, said) in [
            ("", "needs a password: set document.password"),
            ("Secret", "document.password does not open it"),
        ] {
            let error = read(&locked, password).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encrypted, "{locked}");
            assert!(error.message().contains(said), "{error}");
            assert_eq!(error.field("key").unwrap(), "document.password");
        }
    }
}

#[test]
fn an_exchanged_database_is_seen_by_later_calls_only() {
    let engine = Engine::new(Config::new()).unwrap();
    let one = r#"{"version": 1, "concepts": [{"name": "flux capacitor", "category": "fiction"}]}"#;
    engine.set_store(Arc::new(Store::new(
        Database::from_json(one, "test").unwrap(),
    )));
    let text = "The flux capacitor\n\nThe flux capacitor makes time travel possible. A flux capacitor needs power.";
    let report = engine.ingest(&Request::text(text)).unwrap();
    let found = report
        .concepts
        .iter()
        .find(|concept| concept.label == "flux capacitor")
        .unwrap();
    assert_eq!((found.category.as_str(), found.occurrences), ("fiction", 3));
    assert_eq!(report.database.concepts, 1);
}

#[test]
fn an_acronym_counts_for_what_the_document_defines_it_as() {
    let engine = Engine::new(Config::new()).unwrap();
    let text = "We use glowing lattice analysis (GLA) to find topics. Since GLA is old, others left it. With GLA, texts are short vectors.";
    let report = engine.ingest(&Request::text(text)).unwrap();
    let found = |report: &Report| {
        let mut concepts = report.concepts.iter();
        let found = concepts.find(|concept| concept.label == "glowing lattice analysis");
        found.map(|found| (found.acronyms.clone(), found.occurrences))
    };
    assert_eq!(found(&report), Some((vec!["GLA".to_owned()], 4)));
    let mut request = Request::text(text);
    request.set("concepts.acronyms", "false").unwrap();
    let report = engine.ingest(&request).unwrap();
    assert_eq!(found(&report), Some((Vec::new(), 1)));
}

#[test]
fn the_engines_callback_is_called_when_the_request_has_none() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let engine = Engine::new(Config::new()).unwrap();
    engine.set_progress(Some(Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        ControlFlow::Continue(())
    })));
    engine.ingest(&Request::text("One call.")).unwrap();
    let first = calls.load(Ordering::SeqCst);
    assert!(first > 3);
    let silent = Request::text("Another.").on_progress(|_| ControlFlow::Continue(()));
    engine.ingest(&silent).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), first);
}

#[test]
fn a_paper_names_its_authors_and_keywords() {
    let engine = Engine::shared().unwrap();
    let report = engine
        .ingest(&Request::path(fixture("two_column.pdf")))
        .unwrap();
    assert_eq!(
        report.document.authors,
        ["Ingrid Halvorsen", "Rafael Duarte"]
    );
    assert_eq!(
        report.document.keywords,
        [
            "log-structured merge tree",
            "compaction scheduling",
            "write stalls",
            "tail latency",
            "write amplification",
            "key-value store",
            "real-time scheduling"
        ]
    );
    let report = engine
        .ingest(&Request::text("nothing but a few words"))
        .unwrap();
    assert!(report.document.authors.is_empty() && report.document.keywords.is_empty());
}

#[test]
fn texts_that_name_nothing_give_an_empty_list_and_say_so() {
    let engine = Engine::shared().unwrap();
    let without_space = "x".repeat(5_000_000);
    let digits = "0123456789".repeat(500_000);
    let numbers = "12 3.4 5,6\n".repeat(1_000);
    for text in [
        "",
        " \n\n",
        "...",
        "the",
        "12",
        &numbers,
        &digits,
        &without_space,
    ] {
        let shown = text.get(..12).unwrap_or(text);
        let report = match engine.ingest(&Request::text(text)) {
            Ok(report) => report,
            Err(error) => {
                assert_eq!((error.kind(), text), (ErrorKind::Format, ""));
                continue;
            }
        };
        assert!(
            report.concepts.is_empty(),
            "{shown:?}: {:?}",
            report.concepts
        );
        assert!(!report.warnings.is_empty(), "{shown:?}");
    }
}

#[test]
fn mixed_scripts_and_single_words_are_read_as_they_are() {
    let engine = Engine::shared().unwrap();
    let mixed =
        "Graph kernels, 图核, графовые ядра, نواة الرسم, ग्राफ कर्नेल: graph kernels.".repeat(200);
    let report = engine.ingest(&Request::text(mixed.as_str())).unwrap();
    assert!(
        report
            .concepts
            .iter()
            .any(|concept| concept.form.to_lowercase() == "graph kernels")
    );
    for concept in &report.concepts {
        for &(start, end) in &concept.spans {
            assert!(mixed.get(start as usize..end as usize).is_some());
        }
    }
    let report = engine.ingest(&Request::text("Größe")).unwrap();
    assert_eq!(
        (report.concepts.len(), &*report.concepts[0].label),
        (1, "Größe")
    );
}

#[test]
fn languages_without_lists_are_named_in_a_warning() {
    let engine = Engine::shared().unwrap();
    for (text, said) in [
        (
            "Tutkimuksen tulokset esitetään seuraavassa luvussa yhdessä aineiston kanssa, jota ei ole vielä julkaistu.",
            "Finnish, of which",
        ),
        (
            "本文提出了一种新的神经网络方法，用于处理自然语言中的关键词提取问题，并在多个数据集上进行了实验。",
            "Mandarin, which is unsupported",
        ),
        (
            "この論文では、自然言語処理におけるキーワード抽出のための新しい方法を提案し、実験を行った。",
            "Japanese, which is unsupported",
        ),
    ] {
        let report = engine.ingest(&Request::text(text)).unwrap();
        assert!(
            report.warnings.iter().any(|warning| warning.contains(said)),
            "{:?}",
            report.warnings
        );
    }
    let english = "The results of the study are given in the next section with the data of the other networks.";
    assert!(
        engine
            .ingest(&Request::text(english))
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn a_ranker_that_is_cut_short_or_of_another_version_is_refused() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/ranker.model");
    let model = std::fs::read(model).unwrap();
    let path = std::env::temp_dir().join(format!("tori-ranker-{}.model", std::process::id()));
    let mut newer = model.clone();
    newer[8] += 1;
    for (bytes, said) in [
        (&model[..7], "does not begin like one"),
        (&model[..20], "bytes where its header says"),
        (&model[..model.len() - 1], "bytes where its header says"),
        (&newer, "it is of version"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let mut config = Config::new();
        config
            .set("concepts.ranker", &path.to_string_lossy())
            .unwrap();
        let engine = Engine::new(config).unwrap();
        let error = engine
            .ingest(&Request::text("Kernels are sparse."))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        assert!(error.message().contains(said), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
}
