//! The languages there are, and telling them apart.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use snowball_stemmers_rs::Algorithm;

use super::background::{Background, Kind};
use super::classes::Class;
use super::english;
use super::function_words::{english_function_word, english_function_words};
use super::short::short;
use super::tokens::{Token, TokenKind, Tokens, tokens};
use super::verbs::is_finite_verb;

/// A language with stop words and a stemmer, or another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
    Dutch,
    Polish,
    /// Any other: short words are taken for function words, and each form is its own stem.
    Other,
}

/// The English function words that texts in other languages quote most, without those that are nouns of one of them.
const ENGLISH_AMONG_OTHERS: &[&str] = &[
    "and", "are", "by", "for", "from", "of", "that", "the", "this", "to", "which", "with",
];

const APOSTROPHES: [char; 2] = ['\'', '’'];

/// What loses its vowel before another word.
const ELIDED_FRENCH: &[&str] = &[
    "c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t",
];
const ELIDED_ITALIAN: &[&str] = &[
    "agl", "all", "anch", "c", "ch", "coll", "com", "d", "dagl", "dall", "degl", "dell", "dov",
    "l", "m", "n", "negl", "nell", "quand", "quell", "quest", "s", "sugl", "sull", "t", "tutt",
    "un", "v",
];

/// English and those of [`STOP_WORDS`].
const LANGUAGES: usize = 1 + Language::LISTED.len();

/// The commonest function words of each language but English, sorted.
#[rustfmt::skip]
static STOP_WORDS: [(Language, &[&str]); Language::LISTED.len()] = [
    (Language::German, &[
        "aber", "alle", "allem", "allen", "aller", "alles", "als", "also", "am", "an", "andere", "anderen", "auch",
        "auf", "aus", "bei", "beim", "bereits", "bin", "bis", "bzw", "da", "dabei", "dadurch", "daher", "damit",
        "dann", "daran", "darauf", "das", "dass", "davon", "dazu", "dem", "den", "denen", "denn", "der", "deren",
        "des", "dessen", "die", "dies", "diese", "diesem", "diesen", "dieser", "dieses", "doch", "dort", "durch",
        "ein", "eine", "einem", "einen", "einer", "eines", "einige", "er", "erst", "es", "etwa", "etwas", "für",
        "gegen", "haben", "hat", "hatte", "hatten", "hier", "ich", "ihr", "ihre", "ihrem", "ihren", "ihrer", "im",
        "in", "indem", "ins", "ist", "ja", "jede", "jeden", "jeder", "jedoch", "kann", "kein", "keine", "konnte",
        "können", "man", "mehr", "mit", "muss", "müssen", "nach", "nicht", "noch", "nun", "nur", "ob", "oder", "ohne",
        "sehr", "sein", "seine", "seinem", "seinen", "seiner", "seit", "sich", "sie", "sind", "so", "soll", "sollte",
        "sondern", "sowie", "um", "und", "uns", "unter", "viele", "vom", "von", "vor", "wann", "war", "waren", "was",
        "weil", "weitere", "welche", "welcher", "wenn", "werden", "wie", "wieder", "wir", "wird", "wo", "wurde",
        "wurden", "während", "zu", "zum", "zur", "zwar", "zwischen", "über",
    ]),
    (Language::French, &[
        "afin", "ai", "ainsi", "alors", "au", "aucun", "aucune", "aussi", "autre", "autres", "aux", "avaient",
        "avait", "avant", "avec", "ayant", "c'est", "car", "ce", "ceci", "cela", "celle", "celles", "celui", "ces",
        "cet", "cette", "ceux", "chaque", "chez", "comme", "comment", "d'un", "d'une", "dans", "de", "depuis", "des",
        "donc", "dont", "du", "elle", "elles", "en", "encore", "entre", "est", "et", "eux", "fait", "font", "il",
        "ils", "je", "l'on", "la", "le", "les", "leur", "leurs", "lors", "lorsque", "lui", "là", "mais", "mes",
        "moins", "mon", "même", "ne", "ni", "non", "nos", "notre", "nous", "on", "ont", "ou", "où", "par", "parce",
        "pas", "pendant", "peu", "peut", "peuvent", "plus", "plusieurs", "pour", "pourquoi", "qu'il", "qu'une",
        "quand", "que", "quel", "quelle", "quelles", "quels", "qui", "sa", "sans", "se", "selon", "sera", "ses", "si",
        "son", "sont", "sous", "sur", "tous", "tout", "toute", "toutes", "très", "un", "une", "vers", "vos", "votre",
        "vous", "à", "étaient", "était", "été", "être",
    ]),
    (Language::Spanish, &[
        "a", "además", "al", "algunas", "algunos", "ante", "antes", "aunque", "bajo", "cada", "como", "con", "contra",
        "cual", "cuales", "cuando", "de", "del", "desde", "donde", "dos", "durante", "e", "el", "ella", "ellas",
        "ellos", "en", "entre", "era", "eran", "es", "esa", "esas", "ese", "eso", "esos", "esta", "estas", "este",
        "esto", "estos", "está", "están", "fue", "fueron", "ha", "han", "hasta", "hay", "la", "las", "le", "les",
        "lo", "los", "mediante", "mientras", "mismo", "muy", "más", "ni", "no", "nos", "o", "otra", "otras", "otro",
        "otros", "para", "pero", "poco", "por", "porque", "puede", "pueden", "que", "quien", "qué", "se", "sea",
        "según", "ser", "si", "sido", "sin", "sobre", "solo", "son", "su", "sus", "sí", "también", "tanto", "tiene",
        "tienen", "toda", "todas", "todo", "todos", "tras", "un", "una", "uno", "unos", "y", "ya", "él",
    ]),
    (Language::Portuguese, &[
        "a", "agora", "ainda", "algum", "alguma", "algumas", "alguns", "ali", "além", "amanhã", "ambas", "ambos",
        "antes", "ao", "aos", "apenas", "após", "aquela", "aquelas", "aquele", "aqueles", "aqui", "as", "assim",
        "até", "cada", "cerca", "com", "como", "contra", "cuja", "cujas", "cujo", "cujos", "da", "daquela", "daquele",
        "das", "de", "dela", "delas", "dele", "deles", "depois", "desde", "dessa", "dessas", "desse", "desses",
        "desta", "destas", "deste", "destes", "do", "dois", "dos", "duas", "durante", "e", "ela", "elas", "ele",
        "eles", "em", "embora", "enquanto", "entre", "então", "era", "eram", "essa", "essas", "esse", "esses", "esta",
        "estar", "estas", "estava", "estavam", "este", "estes", "esteve", "está", "estão", "eu", "fica", "ficar",
        "ficou", "foi", "foram", "havia", "hoje", "houve", "há", "isso", "isto", "já", "lhe", "lhes", "lá", "mais",
        "mas", "menos", "mesma", "mesmo", "meu", "meus", "minha", "minhas", "muita", "muitas", "muito", "muitos",
        "na", "nada", "naquela", "naquele", "nas", "nem", "nenhum", "nenhuma", "nessa", "nessas", "nesse", "nesses",
        "nesta", "nestas", "neste", "nestes", "ninguém", "no", "nos", "nossa", "nossas", "nosso", "nossos", "num",
        "numa", "nunca", "não", "nós", "o", "onde", "ontem", "os", "ou", "outra", "outras", "outro", "outros", "para",
        "pela", "pelas", "pelo", "pelos", "perante", "pode", "podem", "pois", "por", "porque", "porém", "pouco",
        "poucos", "quais", "qual", "quando", "quanto", "quase", "que", "quem", "se", "seja",
        "sem", "sempre", "sendo", "ser", "seria", "será", "serão", "seu", "seus", "sob", "sobre", "sua", "suas",
        "são", "só", "tais", "tal", "também", "tanto", "tem", "ter", "terá", "terão", "teve", "tinha", "tinham",
        "toda", "todas", "todo", "todos", "três", "tudo", "tão", "têm", "um", "uma", "umas", "uns", "vem", "várias",
        "vários", "vêm", "à", "àquela", "àquele", "às", "é",
    ]),
    (Language::Italian, &[
        "a", "ad", "agli", "ai", "al", "alcune", "alcuni", "alla", "alle", "allo", "anche", "ancora", "attraverso",
        "che", "chi", "ci", "come", "con", "contro", "cui", "da", "dagli", "dai", "dal", "dalla", "dalle", "degli",
        "dei", "del", "dell", "della", "delle", "dello", "di", "dopo", "dove", "due", "durante", "e", "ed", "era",
        "erano", "essere", "fra", "gli", "ha", "hanno", "i", "il", "in", "io", "la", "le", "lei", "lo", "loro", "lui",
        "ma", "mentre", "molto", "ne", "negli", "nei", "nel", "nella", "nelle", "nello", "noi", "non", "nostra",
        "nostro", "o", "ogni", "oltre", "per", "perché", "però", "più", "poi", "prima", "può", "quale", "quali",
        "quando", "quella", "quelle", "quelli", "quello", "questa", "queste", "questi", "questo", "qui", "se", "sei",
        "senza", "si", "sia", "sono", "sotto", "stata", "state", "stati", "stato", "su", "sua", "sue", "sugli", "sui",
        "sul", "sulla", "sulle", "suo", "suoi", "tra", "tutte", "tutti", "tutto", "un", "una", "uno", "viene", "è",
    ]),
    (Language::Dutch, &[
        "aan", "al", "alle", "alleen", "als", "andere", "bij", "daar", "dan", "dat", "de", "der", "deze", "die",
        "dit", "doen", "door", "dus", "een", "eens", "en", "er", "ge", "geen", "haar", "had", "heb", "hebben",
        "heeft", "hem", "het", "hier", "hij", "hoe", "hun", "iets", "ik", "in", "is", "ja", "je", "kan", "kunnen",
        "maar", "me", "meer", "men", "met", "mij", "mijn", "moet", "moeten", "na", "naar", "niet", "niets", "nog",
        "nu", "of", "om", "omdat", "onder", "ons", "ook", "op", "over", "reeds", "te", "tegen", "toch", "toen", "tot",
        "tussen", "uit", "uw", "van", "veel", "voor", "want", "waren", "was", "wat", "we", "wel", "werd", "werden",
        "wie", "wij", "worden", "wordt", "ze", "zelf", "zich", "zij", "zijn", "zo", "zoals", "zonder", "zou",
        "zouden",
    ]),
    (Language::Polish, &[
        "a", "aby", "albo", "ale", "ani", "bardzo", "bez", "bo", "byli", "być", "był", "była", "było", "były", "co",
        "coraz", "czy", "czyli", "dla", "do", "gdy", "gdyż", "gdzie", "go", "i", "ich", "ile", "im", "inne",
        "innych", "iż", "ja", "jak", "jako", "je", "jednak", "jego", "jej", "jest", "jeszcze", "jeśli", "jeżeli",
        "już", "każdy", "kiedy", "która", "które", "którego", "której", "który", "których", "którym", "którymi",
        "którzy", "którą", "lub", "ma", "mają", "mogą", "może", "można", "mu", "musi", "na", "nad", "nam", "nas",
        "nawet", "nich", "nie", "nim", "niż", "no", "o", "od", "on", "ona", "one", "oni", "oraz", "po", "pod",
        "podczas", "ponad", "ponieważ", "poprzez", "poza", "przed", "przez", "przy", "również", "się", "swoich",
        "swoje", "swój", "są", "ta", "tak", "także", "tam", "te", "tego", "tej", "ten", "to", "tu", "tych", "tylko",
        "tym", "tymi", "tą", "tę", "u", "w", "we", "wiele", "wielu", "więc", "wraz", "wszystkich", "wszystkie", "z",
        "za", "zaś", "ze", "został", "została", "zostało", "zostały", "że", "żeby",
    ]),
];

impl Language {
    /// The languages with lists of function words and of how common words are, but without a tagger.
    pub const LISTED: [Language; 7] = [
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Portuguese,
        Language::Italian,
        Language::Dutch,
        Language::Polish,
    ];

    /// The language of the text in `ranges`, judged by which function words are commonest, and by its letters where
    /// they do not settle it; English when in doubt. Reads at most the first 8 KiB.
    pub fn of(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Language {
        Language::of_begun(text, ranges).0
    }

    /// As [`of`](Self::of), with what was read of the ranges, all or the first of them.
    pub(crate) fn of_begun(
        text: &str,
        ranges: impl Iterator<Item = Range<usize>>,
    ) -> (Language, Vec<Begun<'_>>) {
        let mut counts = [0_u32; LANGUAGES];
        let mut words = 0;
        let mut read = 0;
        let mut all = Vec::new();
        for range in ranges {
            let piece = text.get(range).unwrap_or_default();
            let begun = Begun::of(piece, MOST_READ.saturating_sub(read));
            for token in begun.inside() {
                if token.kind == TokenKind::Word {
                    words += 1;
                    if token.range.len() <= LONGEST_COUNTED {
                        count_languages(piece, token.range.clone(), &mut counts);
                    }
                }
            }
            all.push(begun);
            read += piece.len();
            if read >= MOST_READ {
                break;
            }
        }
        (Language::by_counts(text, counts, words), all)
    }

    /// The language of a text with so many words, in which there are so many function words of each language.
    fn by_counts(text: &str, counts: [u32; LANGUAGES], words: u32) -> Language {
        // The others' lists overlap; English has to be beaten, not equalled.
        let (best, most) =
            counts
                .iter()
                .enumerate()
                .fold((0, counts[0]), |best, (index, &count)| {
                    if count > best.1 { (index, count) } else { best }
                });
        if best == 0 && most * SETTLED >= words {
            return Language::English;
        }
        let letters = Letters::of(text);
        let surely_other = letters.is_some_and(|letters| letters.other.is_some());
        if most > counts[0] + counts[0] / 2 + 4 {
            return match surely_other {
                true => Language::Other,
                false => STOP_WORDS[best - 1].0,
            };
        }
        // A few words are not many function words; then the letters have to say the same.
        let other = best.checked_sub(1).map(|index| STOP_WORDS[index].0);
        match other.filter(|_| letters.and_then(|letters| letters.language) == other) {
            Some(other) => other,
            None if surely_other && counts[0] * SCARCE < words && !is_of_english_words(text) => {
                Language::Other
            }
            None => Language::English,
        }
    }

    /// The English name of the language of `text` by its letters, when it is surely none of those with stop words.
    /// Reads at most the first 4,096 characters.
    pub fn unknown(text: &str) -> Option<&'static str> {
        Letters::of(text)?.other
    }

    /// Whether `word`, in lower case, is a function word of the language.
    pub fn is_stop_word(self, word: &str) -> bool {
        match STOP_WORDS.iter().find(|(language, _)| *language == self) {
            Some((_, words)) => words.binary_search(&word).is_ok(),
            None if self == Language::Other => is_short(word),
            None => english_function_word(word).is_some(),
        }
    }

    /// The class of `word`, in lower case, outside its sentence, in a language without a tagger.
    /// [`Class::Joiner`] is what may join two nouns.
    pub fn class(self, word: &str) -> Class {
        let bare = word.trim_end_matches(APOSTROPHES);
        if self.joiners().binary_search(&bare).is_ok() {
            Class::Joiner
        } else if bare.len() < word.len() || self.is_stop_word(word) {
            Class::Connector
        } else {
            match Background::built_in().kind(self, word) {
                Some(Kind::Function) => Class::Connector,
                Some(Kind::Verb) => Class::Verb,
                // Elsewhere adjectives stand after their noun as well, and end a term.
                Some(Kind::Modifier) if matches!(self, Language::German | Language::Dutch) => {
                    Class::Adjective
                }
                Some(Kind::Modifier | Kind::Empty | Kind::Weak | Kind::Label) => Class::Noun,
                None if is_finite_verb(self, word) => Class::Verb,
                None if ENGLISH_AMONG_OTHERS.binary_search(&word).is_ok() => Class::Connector,
                None => Class::Noun,
            }
        }
    }

    /// Bytes at the beginning of `word` that are another, which has lost its vowel before this one, with the apostrophe
    /// between them: 2 of "l'eau". Most languages write no such words.
    pub fn elided(self, word: &str) -> usize {
        let elided = match self {
            Language::French => ELIDED_FRENCH,
            Language::Italian => ELIDED_ITALIAN,
            _ => return 0,
        };
        let Some(at) = word.find(APOSTROPHES) else {
            return 0;
        };
        let (before, after) = word.split_at(at);
        let apostrophe = after.chars().next().map_or(0, char::len_utf8);
        let mut bytes = [0; 8];
        let lower = bytes.get_mut(..at).map(|lower| {
            lower.copy_from_slice(before.as_bytes());
            lower.make_ascii_lowercase();
            &*lower
        });
        let known = lower.is_some_and(|lower| elided.iter().any(|word| word.as_bytes() == lower));
        match known && after.len() > apostrophe {
            true => at + apostrophe,
            false => 0,
        }
    }

    /// What a token of `text` is in this language: one token, or what has lost its vowel and the rest, "l'" and "eau".
    pub fn parts(self, text: &str, token: Token) -> impl Iterator<Item = Token> + use<> {
        let Range { start, end } = token.range;
        let elided = match token.kind {
            TokenKind::Word => self.elided(text.get(start..end).unwrap_or_default()),
            _ => 0,
        };
        let cut = start + elided;
        let before = (elided > 0).then(|| Token {
            range: start..cut,
            ..token.clone()
        });
        let rest = match before.is_some() {
            true => Token {
                range: cut..end,
                kind: kind_after_elision(text.get(cut..end).unwrap_or_default()),
                opens_sentence: false,
            },
            false => token,
        };
        before.into_iter().chain([rest])
    }

    /// The prepositions that join two nouns to one term, sorted, without apostrophes.
    fn joiners(self) -> &'static [&'static str] {
        match self {
            Language::French => &["d", "de", "des", "du"],
            Language::Spanish => &["de", "del"],
            Language::Portuguese => &["da", "das", "de", "do", "dos"],
            Language::Italian => &[
                "d", "degli", "dei", "del", "dell", "della", "delle", "dello", "di",
            ],
            _ => &[],
        }
    }

    /// Whether `word` is an article that may stand between a [`Class::Joiner`] and its noun.
    pub fn is_article_of_joiner(self, word: &str) -> bool {
        let articles: &[&str] = match self {
            Language::French => &["la", "l'", "l’"],
            Language::Spanish => &["la", "las", "los"],
            _ => &[],
        };
        articles.contains(&word)
    }

    /// The class of a word of a sentence that is one of [`class`](Self::class) by itself. German writes its nouns with a
    /// capital: what has none is an adjective, which has an ending before a noun, or a verb or adverb; what has one
    /// inside a sentence is a noun. A sentence without any capital does not say.
    pub fn class_by_case(
        self,
        word: &str,
        class: Class,
        capital: bool,
        opens_sentence: bool,
        any_capital: bool,
    ) -> Class {
        if self == Language::German && class == Class::Verb && capital && !opens_sentence {
            return Class::Noun;
        }
        let small_noun = class == Class::Noun && !capital && any_capital;
        match self == Language::German && small_noun {
            true if ["e", "en", "er", "es", "em"]
                .iter()
                .any(|ending| word.ends_with(ending)) =>
            {
                Class::Adjective
            }
            true => Class::Verb,
            false => class,
        }
    }
}

/// Most bytes that are read.
const MOST_READ: usize = 8_192;

/// Most bytes of a word that is counted where it is a function word.
const LONGEST_COUNTED: usize = 13;

/// One function word in so many words settles that a text is English: it has one in three.
const SETTLED: u32 = 5;

/// With fewer than one in so many, a text is not English when its letters are not.
const SCARCE: u32 = 16;

/// Whether a word is so short that it is a function word in most languages with letters.
fn is_short(word: &str) -> bool {
    // Hangul and what follows write more than a letter with each character.
    word.chars().count() <= 3 && word.chars().all(|character| character < '\u{1100}')
}

/// What the letters of a text say of its language.
#[derive(Clone, Copy)]
struct Letters {
    language: Option<Language>,
    /// The English name of the language when it is surely another.
    other: Option<&'static str>,
}

impl Letters {
    fn of(text: &str) -> Option<Letters> {
        use whatlang::Lang::*;
        let found = whatlang::detect(beginning(text))?;
        let language = match found.lang() {
            Eng => Some(Language::English),
            Deu => Some(Language::German),
            Fra => Some(Language::French),
            Spa => Some(Language::Spanish),
            Por => Some(Language::Portuguese),
            Ita => Some(Language::Italian),
            Nld => Some(Language::Dutch),
            Pol => Some(Language::Polish),
            _ => None,
        };
        // Hidden from the optimiser, which would compare it where there is none, too: harmless, but hosts that run
        // under valgrind are told of a number that was never written.
        let reliable = std::hint::black_box(found.confidence()) > RELIABLE;
        Some(Letters {
            language,
            other: (reliable && language.is_none()).then(|| found.lang().eng_name()),
        })
    }
}

/// What `whatlang` calls a reliable confidence: above it.
const RELIABLE: f64 = 0.9;

/// As much of a text as tells its language by its letters.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(4_096);
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// Whether most words of a text are English ones: a list of keywords has no function words.
fn is_of_english_words(text: &str) -> bool {
    let text = beginning(text);
    let (mut words, mut english) = (0_u32, 0_u32);
    for token in tokens(text).filter(|token| token.kind == TokenKind::Word) {
        words += 1;
        let lower = text[token.range].to_lowercase();
        english += u32::from(english::look_up(&lower).is_some());
    }
    english * 2 > words
}

/// A word in lower case; `None` when it is too long: no function word is.
fn lower(text: &str, at: Range<usize>) -> Option<u128> {
    let word = short(text, at.clone())?;
    if word & HIGHEST_BITS == 0 {
        // All bytes at once: none of these sums reaches the next byte. Those from A to Z have the highest bit in the first
        // one alone.
        let from_a = word + EVERY_BYTE * u128::from(0x80 - b'A');
        let above_z = word + EVERY_BYTE * u128::from(0x7f - b'Z');
        return Some(word | (from_a & !above_z & HIGHEST_BITS) >> 2);
    }
    let mut lower = [0; 16];
    let mut length = 0;
    for character in text.get(at)?.chars().flat_map(char::to_lowercase) {
        let end = length + character.len_utf8();
        character.encode_utf8(lower.get_mut(length..end)?);
        length = end;
    }
    Some(u128::from_le_bytes(lower))
}

/// A number with 1 in each byte.
const EVERY_BYTE: u128 = u128::MAX / 0xff;

/// The highest bit of each byte.
const HIGHEST_BITS: u128 = EVERY_BYTE * 0x80;

/// Of each function word of any language, a bit for each that has it: English the lowest, then those of [`STOP_WORDS`].
fn languages_of(word: u128) -> u8 {
    static WORDS: OnceLock<HashMap<u128, u8, foldhash::fast::RandomState>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let mut words: HashMap<_, u8, _> = HashMap::default();
        let mut add = |word: &str, bit: u8| {
            if let Some(word) = lower(word, 0..word.len()) {
                *words.entry(word).or_default() |= bit;
            }
        };
        english_function_words().for_each(|word| add(word, 1));
        for (index, (_, of_language)) in STOP_WORDS.iter().enumerate() {
            of_language.iter().for_each(|word| add(word, 2 << index));
        }
        words
    });
    words.get(&word).copied().unwrap_or(0)
}

fn count_languages(text: &str, word: Range<usize>, counts: &mut [u32; LANGUAGES]) {
    let languages = lower(text, word).map_or(0, languages_of);
    if languages == 0 {
        return;
    }
    for (index, count) in counts.iter_mut().enumerate() {
        *count += u32::from(languages >> index & 1);
    }
}

/// A piece of a text of which the first tokens have been read.
pub(crate) struct Begun<'a> {
    first: Vec<Token>,
    /// How many of them begin in the bytes that were to be read.
    inside: usize,
    rest: Tokens<'a>,
}

impl<'a> Begun<'a> {
    /// Reads the tokens that begin in the first so many bytes of a piece, and the one after them.
    pub(crate) fn of(piece: &'a str, bytes: usize) -> Self {
        let mut begun = Begun {
            first: Vec::with_capacity(bytes.min(piece.len()) / BYTES_A_TOKEN),
            inside: 0,
            rest: tokens(piece),
        };
        while begun.inside < bytes && begun.inside == begun.first.len() {
            let Some(token) = begun.rest.next() else {
                break;
            };
            begun.inside += usize::from(token.range.start < bytes);
            begun.first.push(token);
        }
        begun
    }

    /// The tokens that begin in the bytes that were to be read.
    fn inside(&self) -> &[Token] {
        self.first.get(..self.inside).unwrap_or_default()
    }

    /// All tokens of the piece.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Token> + use<'a, '_> {
        self.first.iter().cloned().chain(self.rest.clone())
    }
}

/// Bytes of a usual token, the space after it included.
const BYTES_A_TOKEN: usize = 5;

/// The Snowball stemmer of a language; see <https://snowballstem.org>. Cheap to make.
pub struct Stemmer {
    language: Language,
    snowball: Option<snowball_stemmers_rs::Stemmer>,
}

impl Stemmer {
    /// The stemmer of `language`.
    pub fn new(language: Language) -> Self {
        let algorithm = match language {
            Language::English => Some(Algorithm::English),
            Language::German => Some(Algorithm::German),
            Language::French => Some(Algorithm::French),
            Language::Spanish => Some(Algorithm::Spanish),
            Language::Portuguese => Some(Algorithm::Portuguese),
            Language::Italian => Some(Algorithm::Italian),
            Language::Dutch => Some(Algorithm::Dutch),
            Language::Polish => Some(Algorithm::Polish),
            Language::Other => None,
        };
        Stemmer {
            language,
            snowball: algorithm.map(snowball_stemmers_rs::Stemmer::create),
        }
    }

    /// The stem of `word`, which must be in lower case. A possessive 's is cut off first; words over 64
    /// bytes are their own stems.
    pub fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        let word = word
            .strip_suffix("'s")
            .or_else(|| word.strip_suffix("\u{2019}s"))
            .unwrap_or(word);
        match &self.snowball {
            _ if self.language == Language::English && is_english_stem(word) => word.into(),
            Some(snowball) if word.len() <= 64 => snowball.stem(word),
            _ => Cow::Borrowed(word),
        }
    }
}

/// Whether a word ends as nothing does that the English stemmer takes away or changes: so do numbers and more than a
/// quarter of all words, and the stemmer takes long to find none of its endings.
fn is_english_stem(word: &str) -> bool {
    let plain = word.is_ascii() && !word.starts_with('\'');
    let ends = match *word.as_bytes() {
        [
            ..,
            b'a' | b'b' | b'f' | b'h' | b'j' | b'k' | b'o' | b'p' | b'q',
        ] => true,
        [.., b'u' | b'v' | b'w' | b'x' | b'z' | b'0'..=b'9'] => true,
        [.., before, b'c'] => before != b'i',
        [.., before, b'd'] => before != b'e',
        [.., before, b'g'] => before != b'n',
        [.., before, b'l'] => !matches!(before, b'a' | b'l' | b'u'),
        [.., before, b'm'] => before != b's',
        [.., before, b'n'] => before != b'o',
        [.., before, b'r'] => !matches!(before, b'e' | b'o'),
        [.., before, b't'] => before != b'n' && !word.ends_with("ogist"),
        _ => false,
    };
    plain && ends
}

/// What is left of a word without the one that lost its vowel before it: "l'11 settembre".
fn kind_after_elision(rest: &str) -> TokenKind {
    match rest.contains(char::is_alphabetic) {
        true => TokenKind::Word,
        false => TokenKind::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stemmer_leaves_alone_what_is_not_shown_to_it() {
        let snowball = snowball_stemmers_rs::Stemmer::create(Algorithm::English);
        let words = include_str!("../../data/english_words.txt");
        let (mut all, mut alone) = (0_u32, 0_u32);
        for line in words.lines() {
            let word = &line[..line.len() - 2];
            for word in [
                word,
                &format!("{word}y"),
                &format!("y-{word}"),
                &format!("{word}2"),
            ] {
                all += 1;
                if is_english_stem(word) {
                    alone += 1;
                    assert_eq!(snowball.stem(word), word);
                }
            }
        }
        assert!(alone * 3 > all, "{alone} of {all}");
    }

    #[test]
    fn the_language_is_that_of_the_commonest_function_words() {
        let texts = [
            (
                Language::English,
                "The die is cast in the light of the results on a table.",
            ),
            (
                Language::German,
                "Die Ergebnisse der Untersuchung werden in dem folgenden Abschnitt mit den Daten verglichen, die wir haben.",
            ),
            (
                Language::French,
                "Les résultats de cette étude sont présentés dans la section suivante avec les données que nous avons.",
            ),
            (
                Language::Spanish,
                "Los resultados de este estudio se presentan en la sección siguiente con los datos que se han obtenido para el análisis.",
            ),
            (
                Language::Portuguese,
                "Os resultados deste estudo são apresentados na seção seguinte com os dados que não foram obtidos pela análise.",
            ),
            (
                Language::Italian,
                "I risultati di questo studio sono presentati nella sezione seguente con i dati che non sono stati raccolti dalla ricerca.",
            ),
            (
                Language::Dutch,
                "De resultaten van het onderzoek worden in de volgende paragraaf vergeleken met de gegevens die wij hebben.",
            ),
            (
                Language::Polish,
                "Wyniki tego badania są przedstawione w następnej części wraz z danymi, które nie zostały zebrane przez \
                autorów, ale są dostępne.",
            ),
            (Language::English, ""),
            (
                Language::Other,
                "Tutkimuksen tulokset esitetään seuraavassa luvussa yhdessä aineiston kanssa, jota ei ole vielä julkaistu.",
            ),
            (
                Language::Other,
                "本文提出了一种新的神经网络方法，用于处理自然语言中的关键词提取问题，并在多个数据集上进行了实验。",
            ),
        ];
        for (language, text) in texts {
            assert_eq!(
                Language::of(text, std::iter::once(0..text.len())),
                language,
                "{text}"
            );
        }
    }

    #[test]
    fn a_language_that_is_not_known_is_told_and_code_or_a_few_words_are_none() {
        let finnish = "Tutkimuksen tulokset esitetään seuraavassa luvussa yhdessä aineiston kanssa, jota ei ole vielä \
            julkaistu missään muualla.";
        let chinese = "本文提出了一种新的神经网络方法，用于处理自然语言中的关键词提取问题，并在多个数据集上进行了实验。";
        assert_eq!(Language::unknown(finnish), Some("Finnish"));
        assert_eq!(Language::unknown(chinese), Some("Mandarin"));
        for text in [
            "",
            "network",
            "12 34",
            "The results of the study are given in the next section with the data.",
        ] {
            assert_eq!(Language::unknown(text), None, "{text}");
        }
    }

    #[test]
    fn the_language_of_a_few_words_is_that_of_their_letters_too() {
        for (text, language) in [
            ("Die Größentheorie ist neu.", Language::German),
            ("La théorie des grandeurs est nouvelle.", Language::French),
            ("We die with our boots on.", Language::English),
            ("SVM", Language::English),
            (
                "graph kernels, neural networks, data mining, sparse codes, decoder, lattice reduction, kernel methods",
                Language::English,
            ),
        ] {
            let whole = std::iter::once(0..text.len());
            assert_eq!(Language::of(text, whole), language, "{text}");
        }
    }

    #[test]
    fn the_stop_words_are_sorted_so_that_every_one_is_found() {
        for (language, words) in &STOP_WORDS {
            assert!(words.is_sorted(), "{language:?}");
        }
    }

    #[test]
    fn quoted_english_leaves_no_function_words_and_what_has_a_sense_of_its_own_keeps_it() {
        assert!(ENGLISH_AMONG_OTHERS.is_sorted());
        for language in Language::LISTED {
            for &word in ENGLISH_AMONG_OTHERS {
                assert!(!language.class(word).in_term(), "{language:?}: {word}");
            }
        }
        assert_eq!(Language::Portuguese.class("taxa"), Class::Noun);
        assert_eq!(Language::Portuguese.class("da"), Class::Joiner);
    }

    #[test]
    fn what_lost_its_vowel_is_told_from_the_word_after_it() {
        for (language, word, elided) in [
            (Language::French, "l'eau", 2),
            (Language::French, "L’eau", 4),
            (Language::French, "Lorsqu'il", 7),
            (Language::French, "aujourd'hui", 0),
            (Language::French, "l'", 0),
            (Language::French, "é'a", 0),
            (Language::French, "eau", 0),
            (Language::Italian, "dell'arte", 5),
            (Language::Italian, "un'idea", 3),
            (Language::English, "d'Angelo", 0),
        ] {
            assert_eq!(language.elided(word), elided, "{word}");
        }
    }

    #[test]
    fn the_parts_of_a_token_are_the_whole_of_it() {
        for (text, kind, kinds) in [
            (
                "l'eau",
                TokenKind::Word,
                &[TokenKind::Word, TokenKind::Word][..],
            ),
            (
                "l'11",
                TokenKind::Word,
                &[TokenKind::Word, TokenKind::Number],
            ),
            ("eau", TokenKind::Word, &[TokenKind::Word]),
            ("1'000", TokenKind::Number, &[TokenKind::Number]),
        ] {
            let token = Token {
                range: 0..text.len(),
                kind,
                opens_sentence: true,
            };
            let parts: Vec<Token> = Language::French.parts(text, token).collect();
            let told: Vec<TokenKind> = parts.iter().map(|part| part.kind).collect();
            assert_eq!(told, kinds, "{text}");
            let whole: String = parts.iter().map(|part| &text[part.range.clone()]).collect();
            assert_eq!(whole, text);
            let opens: Vec<bool> = parts.iter().map(|part| part.opens_sentence).collect();
            assert!(opens[0] && opens[1..].iter().all(|opens| !opens), "{text}");
        }
    }

    #[test]
    fn inflected_forms_have_one_stem_in_every_language() {
        for (language, forms) in [
            (Language::German, ["steuer", "steuern"]),
            (Language::French, ["réseau", "réseaux"]),
            (Language::Spanish, ["impuesto", "impuestos"]),
            (Language::Portuguese, ["imposto", "impostos"]),
            (Language::Italian, ["imposta", "imposte"]),
            (Language::Dutch, ["belasting", "belastingen"]),
            (Language::Polish, ["miasta", "miastach"]),
        ] {
            let stemmer = Stemmer::new(language);
            let [one, other] = forms.map(|form| stemmer.stem(form));
            assert_eq!(one, other, "{language:?}");
        }
    }

    #[test]
    fn a_function_word_counts_for_every_language_that_has_it() {
        let words = STOP_WORDS.iter().flat_map(|(_, words)| *words).copied();
        for word in words.chain(english_function_words()).chain(["noun", ""]) {
            let mut counts = [0; LANGUAGES];
            let upper = word.to_uppercase();
            count_languages(&upper, 0..upper.len(), &mut counts);
            let is_english = english_function_word(word).is_some();
            assert_eq!(counts[0], u32::from(is_english), "{word}");
            for (count, (language, _)) in counts[1..].iter().zip(&STOP_WORDS) {
                assert_eq!(*count, u32::from(language.is_stop_word(word)), "{word}");
            }
        }
    }

    #[test]
    fn inflected_forms_share_a_stem() {
        let stemmer = Stemmer::new(Language::English);
        assert_eq!(stemmer.stem("networks"), stemmer.stem("network's"));
        assert_eq!(stemmer.stem("clustering"), stemmer.stem("clusters"));
    }

    #[test]
    fn no_stemmer_panics_on_random_words_of_its_letters_and_endings() {
        let pieces: Vec<&str> = "a e i o u y b c d g h k l m n p q r s t v w z ä ö ü ß é è ê ë ï î ç ñ á í ó ú à â ã õ ò ù ą \
            ć ę ł ń ó ś ź ż ' ’ - \u{301} heid eëe ieel lijk ing en je tje ować ował ami ach ego ność issement euse eux \
            aient amento azione mente ción ões ável idade ung keit lich ation ed ly"
            .split_whitespace()
            .collect();
        let mut random = 88_172_645_463_325_252_u64;
        for language in Language::LISTED.into_iter().chain([Language::English]) {
            let stemmer = Stemmer::new(language);
            for _ in 0..20_000 {
                let mut word = String::new();
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                for at in 0..1 + random % 8 {
                    word += pieces[(random >> (8 * at)) as usize % pieces.len()];
                }
                let stem = stemmer.stem(&word);
                assert!(stem.len() <= word.len() + 2, "{word}: {stem}");
            }
        }
    }

    #[test]
    fn no_stemmer_panics_on_odd_words() {
        let words = [
            "",
            "'s",
            "’s",
            "é",
            "ß",
            "ııı",
            "a\u{301}s",
            "学",
            "ieds",
            "yy",
            "nieß",
            "ées",
            "i\u{307}",
            "ñññes",
            "qu",
            "gü",
            "''",
            "ouuu",
            "ï-ë",
        ];
        for (language, _) in STOP_WORDS.iter().chain(&[(Language::English, &[][..])]) {
            let stemmer = Stemmer::new(*language);
            for first in words {
                for second in words {
                    stemmer.stem(&format!("{first}{second}"));
                }
            }
        }
    }
}
