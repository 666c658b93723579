//! The stages of the pipeline on the paper of the fixtures: `cargo bench`.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use tori::config::Config;
use tori::database::Database;
use tori::document::{self, structure};
use tori::engine::{Engine, Request};
use tori::progress::Unobserved;

fn stages(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/two_column.pdf");
    let bytes = std::fs::read(&path).expect("the fixture is in the repository");
    let config = Config::new();
    let document = document::read(&bytes, &config, &Unobserved).expect("the fixture is readable");
    let database = Database::open(&config).expect("the compiled-in database loads");
    let engine = Engine::shared().expect("the compiled-in database loads");

    criterion.bench_function("database/open", |bencher| {
        bencher.iter(|| Database::open(black_box(&config)))
    });
    criterion.bench_function("database/tag", |bencher| {
        bencher.iter(|| database.tag(black_box(&document.text)))
    });
    criterion.bench_function("document/read", |bencher| {
        bencher.iter(|| document::read(black_box(&bytes), &config, &Unobserved));
    });
    criterion.bench_function("document/structure", |bencher| {
        bencher.iter(|| structure::find(black_box(&document), &config, &Unobserved));
    });
    criterion.bench_function("engine/ingest", |bencher| {
        bencher.iter(|| engine.ingest(&Request::bytes(black_box(bytes.as_slice()))));
    });
}

criterion_group!(benches, stages);
criterion_main!(benches);
