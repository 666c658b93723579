// The concept database on its own and in an engine.
#include "check.hpp"

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const std::string text = "Support vector\nmachines and a support-vector machine; photosynthesis.";
  tori::database database = tori::database::open();
  CHECK(database.size() >= 3000 && database.json().find("origin") != std::string_view::npos);
  const auto id = database.find("SUPPORT VECTOR MACHINE");
  CHECK(id && !database.find("no such concept at all") && !database.find("ab\xff"));

  const tori::tags tags = database.tag(text);
  CHECK(tags.size() == 3 && !tags.empty());
  CHECK(tags[0].concept_id == *id && tags[0].start == 0 && tags[0].end == 23);
  CHECK(tags[0].label == "support vector machine" && tags[3].label.empty());
  std::uint64_t last = 0;
  for (const tori::tag tag : tags) {
    CHECK(tag.start >= last && tag.end > tag.start && tag.end <= text.size());
    last = tag.end;
  }
  // A range of its own keeps what it shows alive.
  std::size_t seen = 0;
  for (const tori::tag tag : database.tag(text)) {
    seen += !tag.label.empty();
  }
  CHECK(seen == 3);
  CHECK_THROWS(tori::status::argument, database.tag("ab\xff"));
  CHECK(database.tag("").empty());

  const tori::database small = tori::database::open_bytes(R"([{"name": "alpha beta", "aliases": ["AB"]}, {"name": "beta"}])");
  small.verify();
  const tori::tags all = small.tag_all("Alpha betas");
  CHECK(all.size() == 2 && all[0].label == "alpha beta" && all[1].label == "beta");
  CHECK(small.concept_json(all[0].concept_id)->find("\"AB\"") != std::string::npos && !small.concept_json(7));
  CHECK_THROWS(tori::status::database, tori::database::open_bytes("[", "short.json"));

  tori::database changing = small.share();
  const std::uint64_t gamma = changing.upsert(R"({"name": "gamma", "aliases": ["third letter"]})");
  CHECK(small.find("third letter") == gamma && small.size() == 3);
  changing.upsert(R"({"name": "letter", "narrower": ["gamma", "beta"]})");
  const auto letters = small.related(*small.find("letter"), tori::relation::narrower);
  CHECK(letters && letters->size() == 2 && (*letters)[0] == *small.find("beta") && (*letters)[1] == gamma);
  CHECK(small.related(gamma, tori::relation::broader)->front() == *small.find("letter"));
  CHECK(small.related(gamma, tori::relation::narrower)->empty() && !small.related(7, tori::relation::narrower));
  changing.remove_named("letter");
  CHECK(small.related(gamma, tori::relation::broader)->empty());
  changing.remove_named("BETA");
  changing.remove(gamma);
  CHECK(small.size() == 1 && all.size() == 2 && all[1].label == "beta");
  CHECK_THROWS(tori::status::argument, changing.remove(gamma));
  CHECK_THROWS(tori::status::argument, changing.upsert(R"({"name": 7})"));
  CHECK_THROWS(tori::status::io, small.save(std::string(argv[1]) + "/absent/small.toridb"));
  CHECK_THROWS(tori::status::database, tori::database::compile({"no such file.json"}, "never.toridb"));
  CHECK_THROWS(tori::status::argument, tori::database::compile({}, "never.toridb"));
  CHECK_THROWS(tori::status::argument, tori::database::compile(tori::config(), {}, "never.toridb"));

  tori::config nowhere;
  nowhere.set("database.path", argv[1]).set("database.require_external", true);
  try {
    tori::engine engine(nowhere);
    CHECK(false && "no error");
  } catch (const tori::error& e) {
    CHECK(e.status() == tori::status::database && e.json().find("\"places\"") != std::string_view::npos);
    CHECK(std::string_view(e.what()).find(argv[1]) != std::string_view::npos);
  }
  CHECK_THROWS(tori::status::database, tori::database::open(nowhere));
  CHECK_THROWS(tori::status::database, tori::database::open_path(argv[1]));
  CHECK_THROWS(tori::status::argument, tori::database::open_path(std::string_view("a\0b", 3)));

  tori::database engines(nullptr);
  {
    tori::engine engine;
    engine.set_database(database);
    database = tori::database(nullptr);
    CHECK_THROWS(tori::status::argument, engine.set_database(database));
    const tori::engine same = engine.share();
    engines = same.database();
  }
  CHECK(engines.share().size() >= 3000);
  CHECK(tags[2].label == "photosynthesis");
  CHECK(tori::shutdown());
}
