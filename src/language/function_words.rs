//! English function words and their classes.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::classes::Class;
use Class::*;

/// The class of an English function word in lower case; `None` for every other word.
///
/// The list is closed-class words, the adverbs that only connect, and participles used as prepositions
/// ("using", "based"): words that neither begin nor end a term.
pub fn english_function_word(word: &str) -> Option<Class> {
    static BY_WORD: OnceLock<HashMap<&str, Class, foldhash::fast::RandomState>> = OnceLock::new();
    if word.len() > 14 {
        return None;
    }
    let words = BY_WORD.get_or_init(|| WORDS.iter().copied().collect());
    words.get(word).copied()
}

/// All of them, in order.
pub(super) fn english_function_words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|&(word, _)| word)
}

#[rustfmt::skip]
static WORDS: &[(&str, Class)] = &[
    ("a", Determiner), ("about", Preposition), ("above", Preposition), ("according", Preposition),
    ("accordingly", Connector), ("achieving", Preposition), ("across", Preposition), ("actually", Connector),
    ("addressing", Preposition), ("after", Preposition), ("afterwards", Connector), ("again", Connector),
    ("against", Preposition), ("ago", Connector), ("al", Connector), ("albeit", Conjunction),
    ("all", Determiner), ("allowing", Preposition), ("almost", Connector), ("alone", Connector),
    ("along", Preposition), ("already", Connector), ("also", Connector), ("although", Conjunction),
    ("always", Connector), ("am", Auxiliary), ("amid", Preposition), ("among", Preposition),
    ("amongst", Preposition), ("an", Determiner), ("and", Conjunction), ("another", Determiner),
    ("any", Determiner), ("anyone", Pronoun), ("anything", Pronoun), ("apart", Connector), ("are", Auxiliary),
    ("aren't", Auxiliary), ("around", Preposition), ("as", Preposition), ("aside", Connector),
    ("at", Preposition), ("away", Connector), ("based", Preposition), ("be", Auxiliary),
    ("because", Conjunction), ("becoming", Preposition), ("been", Auxiliary), ("before", Preposition),
    ("being", Auxiliary), ("below", Preposition), ("beneath", Preposition), ("beside", Preposition),
    ("besides", Connector), ("between", Preposition), ("beyond", Preposition), ("billions", Determiner), ("both", Determiner),
    ("but", Conjunction), ("by", Preposition), ("can", Modal), ("can't", Modal), ("cannot", Modal),
    ("cf", Connector), ("comparing", Preposition), ("concerning", Preposition), ("considering", Preposition),
    ("containing", Preposition), ("could", Modal), ("couldn't", Modal), ("currently", Connector),
    ("depending", Preposition), ("describing", Preposition), ("despite", Preposition), ("did", Auxiliary),
    ("didn't", Auxiliary), ("do", Auxiliary), ("does", Auxiliary), ("doesn't", Auxiliary),
    ("doing", Auxiliary), ("don't", Auxiliary), ("done", Auxiliary), ("down", Preposition),
    ("dozens", Determiner), ("due", Preposition), ("during", Preposition), ("e.g", Connector), ("each", Determiner),
    ("eg", Connector), ("eight", Determiner), ("either", Determiner), ("else", Connector),
    ("elsewhere", Connector), ("employing", Preposition), ("enabling", Preposition),
    ("enhancing", Preposition), ("enough", Determiner), ("especially", Connector), ("et", Connector),
    ("etc", Connector), ("evaluating", Preposition), ("even", Connector), ("eventually", Connector),
    ("ever", Connector), ("every", Determiner), ("everyone", Pronoun), ("everything", Pronoun),
    ("examining", Preposition), ("except", Preposition), ("exploiting", Preposition),
    ("exploring", Preposition), ("extending", Preposition), ("few", Determiner), ("fewer", Determiner),
    ("finally", Connector), ("first", Determiner), ("firstly", Connector), ("five", Determiner),
    ("following", Preposition), ("for", Preposition), ("four", Determiner), ("from", Preposition),
    ("further", Connector), ("furthermore", Connector), ("generally", Connector), ("getting", Preposition),
    ("given", Preposition), ("giving", Preposition), ("had", Auxiliary), ("hadn't", Auxiliary),
    ("has", Auxiliary), ("hasn't", Auxiliary), ("have", Auxiliary), ("haven't", Auxiliary),
    ("having", Auxiliary), ("he", Pronoun), ("hence", Connector), ("her", Determiner), ("here", Connector),
    ("hereby", Connector), ("herein", Connector), ("hers", Pronoun), ("herself", Pronoun), ("him", Pronoun),
    ("himself", Pronoun), ("his", Determiner), ("how", Conjunction), ("however", Connector),
    ("hundred", Determiner), ("hundreds", Determiner), ("i", Pronoun), ("i.e", Connector), ("ie", Connector), ("if", Conjunction),
    ("improving", Preposition), ("in", Preposition), ("including", Preposition), ("indeed", Connector),
    ("instead", Connector), ("into", Preposition), ("introducing", Preposition),
    ("investigating", Preposition), ("involving", Preposition), ("is", Auxiliary), ("isn't", Auxiliary),
    ("it", Pronoun), ("it's", Pronoun), ("its", Determiner), ("itself", Pronoun), ("just", Connector),
    ("last", Determiner), ("later", Connector), ("latter", Determiner), ("leading", Preposition),
    ("least", Determiner), ("less", Determiner), ("let", Auxiliary), ("like", Preposition),
    ("likewise", Connector), ("making", Preposition), ("many", Determiner), ("may", Modal),
    ("maybe", Connector), ("me", Pronoun), ("meanwhile", Connector), ("might", Modal), ("millions", Determiner), ("mine", Pronoun),
    ("more", Determiner), ("moreover", Connector), ("most", Determiner), ("mostly", Connector),
    ("much", Determiner), ("must", Modal), ("my", Determiner), ("myself", Pronoun), ("namely", Connector),
    ("near", Preposition), ("nearly", Connector), ("neither", Determiner), ("never", Connector),
    ("nevertheless", Connector), ("next", Determiner), ("nine", Determiner), ("no", Determiner),
    ("nobody", Pronoun), ("none", Pronoun), ("nonetheless", Connector), ("nor", Conjunction),
    ("not", Connector), ("nothing", Pronoun), ("now", Connector), ("obtaining", Preposition),
    ("of", Preposition), ("off", Preposition), ("often", Connector), ("on", Preposition), ("once", Connector),
    ("one", Determiner), ("ones", Pronoun), ("only", Connector), ("onto", Preposition), ("or", Conjunction),
    ("other", Determiner), ("others", Pronoun), ("otherwise", Connector), ("ought", Modal),
    ("our", Determiner), ("ours", Pronoun), ("ourselves", Pronoun), ("out", Preposition),
    ("over", Preposition), ("own", Determiner), ("particularly", Connector), ("per", Preposition),
    ("perhaps", Connector), ("presenting", Preposition), ("previously", Connector),
    ("proposing", Preposition), ("providing", Preposition), ("quite", Connector), ("rather", Connector),
    ("really", Connector), ("recently", Connector), ("regarding", Preposition), ("requiring", Preposition),
    ("respectively", Connector), ("same", Determiner), ("second", Determiner), ("secondly", Connector),
    ("seven", Determiner), ("several", Determiner), ("shall", Modal), ("she", Pronoun), ("should", Modal),
    ("shouldn't", Modal), ("showing", Preposition), ("significantly", Connector), ("similarly", Connector),
    ("simply", Connector), ("simultaneously", Connector), ("since", Conjunction), ("six", Determiner),
    ("so", Connector), ("some", Determiner), ("somehow", Connector), ("someone", Pronoun),
    ("something", Pronoun), ("sometimes", Connector), ("somewhat", Connector), ("soon", Connector),
    ("still", Connector), ("subsequently", Connector), ("successfully", Connector), ("such", Determiner),
    ("taking", Preposition), ("ten", Determiner), ("than", Conjunction), ("that", Conjunction),
    ("that's", Pronoun), ("the", Determiner), ("their", Determiner), ("theirs", Pronoun), ("them", Pronoun),
    ("themselves", Pronoun), ("then", Connector), ("there", Pronoun), ("thereby", Connector),
    ("therefore", Connector), ("therein", Connector), ("these", Determiner), ("they", Pronoun),
    ("third", Determiner), ("this", Determiner), ("those", Determiner), ("though", Conjunction),
    ("thousand", Determiner), ("thousands", Determiner), ("three", Determiner), ("through", Preposition), ("throughout", Preposition),
    ("thus", Connector), ("to", To), ("together", Connector), ("too", Connector), ("toward", Preposition),
    ("towards", Preposition), ("twice", Connector), ("two", Determiner), ("typically", Connector),
    ("under", Preposition), ("underneath", Preposition), ("unless", Conjunction), ("unlike", Preposition),
    ("until", Preposition), ("up", Preposition), ("upon", Preposition), ("us", Pronoun),
    ("using", Preposition), ("usually", Connector), ("utilising", Preposition), ("utilizing", Preposition),
    ("versus", Preposition), ("very", Connector), ("via", Preposition), ("viz", Connector),
    ("vs", Preposition), ("was", Auxiliary), ("wasn't", Auxiliary), ("we", Pronoun), ("well", Connector),
    ("were", Auxiliary), ("weren't", Auxiliary), ("what", Conjunction), ("whatever", Conjunction),
    ("when", Conjunction), ("whence", Conjunction), ("whenever", Conjunction), ("where", Conjunction),
    ("whereas", Conjunction), ("whereby", Conjunction), ("wherein", Conjunction), ("wherever", Conjunction),
    ("whether", Conjunction), ("which", Conjunction), ("whichever", Conjunction), ("while", Conjunction),
    ("whilst", Conjunction), ("who", Pronoun), ("whoever", Pronoun), ("whole", Determiner), ("whom", Pronoun),
    ("whose", Determiner), ("why", Conjunction), ("will", Modal), ("with", Preposition),
    ("within", Preposition), ("without", Preposition), ("won't", Modal), ("would", Modal),
    ("wouldn't", Modal), ("yes", Connector), ("yet", Connector), ("you", Pronoun), ("your", Determiner),
    ("yours", Pronoun), ("yourself", Pronoun),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_word_is_found() {
        for pair in WORDS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
        for &(word, class) in WORDS {
            assert_eq!(english_function_word(word), Some(class), "{word}");
        }
    }
}
