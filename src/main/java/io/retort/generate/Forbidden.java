package io.retort.generate;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what no person types in small talk, reason by reason (docs/prompts.md has the lists in words). */
final class Forbidden {
    private record Rule(DropReason reason, Pattern pattern) {
        static Rule of(DropReason reason, String pattern) {
            return new Rule(reason, Pattern.compile(pattern, Pattern.COMMENTS | Pattern.CASE_INSENSITIVE
                    | Pattern.MULTILINE));
        }
    }

    private static final List<Rule> RULES = List.of(
            Rule.of(DropReason.NOT_TEXT, "[\\x{fffd}\\p{Co}\\p{Cn}\\p{Cc}&&[^\\n\\r\\t]]"),
            Rule.of(DropReason.META_TALK, """
                    \\b(?:as\\x20an?\\x20(?:ai|a\\.i\\.|artificial|assistant|language|virtual|digital|chatbot|machine)(?!\\p{L})
                    |(?:language|ai|text)\\x20models?
                    |(?:ai|virtual|digital|helpful)\\x20(?:assistants?|companions?|chatbots?)
                    |(?:i['\u2019]?m|i\\x20am)\\x20(?:just\\x20|only\\x20)?(?:an?\\x20)?
                      (?:(?:ai|a\\.i\\.|artificial|chat\\x20?bot|bot|robot)(?!\\p{L})|(?:assistant|machine|program|computer)
                      (?=[.,!?;]|$|\\x20(?:that|who|so|and|but|not|program|designed|created|here|to)\\b))
                    |i\\x20(?:was|have\\x20been|am)\\x20(?:created|designed|programmed|trained|developed|built)
                    |my\\x20(?:training\\x20data|programming|creators?|developers?|knowledge\\x20cutoff)
                    |open\\x20?ai(?!\\p{L})|chat\\x20?gpt|gpt-?[0-9]|hugging\\x20?face|smol\\x20?lm|anthropic
                    |how\\x20(?:can|may)\\x20i\\x20(?:help|assist)\\x20you
                    |(?:assist|help)\\x20you\\x20(?:today|with\\x20any)|feel\\x20free\\x20to\\x20ask
                    |(?:can['\u2019]?t|cannot|unable\\x20to)\\x20(?:assist|fulfil|help\\x20you\\x20with\\x20that)
                    |i\\x20do(?:n['\u2019]t|\\x20not)\\x20have\\x20(?:feelings|emotions|a\\x20body|personal|physical)
                    |the\\x20user\\x20(?:is|wants|says|said|asks|asked|has)
                    |this\\x20(?:dialogue|scenario|prompt)|in\\x20this\\x20(?:response|reply)
                    |here(?:['\u2019]s|\\x20is|\\x20are)\\x20(?:an?|some|the|my)\\x20(?:possible\\x20)?(?:response|reply|example|rewrite)
                    |(?:person|speaker)\\x20[ab12]\\b)"""),
            Rule.of(DropReason.STAGE_DIRECTION, """
                    (?<!\\*)\\*[^*\\n]+\\*(?!\\*)|\\[[^\\]\\n]*\\]|(?<!\\w)_[^_\\n]+_(?!\\w)
                    |\\((?:\\w+ly\\x20)?(?:laugh|smil|sigh|paus|nod|chuckl|grin|shrug|wink|giggl|whisper|cr(?:y|ie)|look
                      |blush|cough|gasp|clap|wav|hug|frown|yawn|groan|snort|roll)(?:s|es|ing)?\\b[^)]*\\)"""),
            Rule.of(DropReason.MARKUP,
                    """
                    ^\\s*(?:[-*+\u2022\u2013]|\\#{1,6}|>|\\d{1,2}[.)])\\s|\\*\\*|__|`|[{}]|</?[a-z][^<>]*>|&[a-z]{2,6};
                    |\\w\\(\\)|\\w_\\w|==|=>|->|\\\\\\w|\\|.*\\||\\b(?:def|import|return|public|void)\\x20\\w+[(;:]"""),
            Rule.of(DropReason.ADDRESS, """
                    https?:|\\bwww\\.\\w|[^\\s@]+@[^\\s@]+\\.\\w|\\w\\.(?:com|org|net|edu|gov|info|io|co|uk)\\b"""));

    /** Stage directions that the first edition of the rules did not know. */
    private static final Pattern MORE_DIRECTIONS = Pattern.compile("""
            (?:^|[.!?]\\x20)\\((?![^)]*\\b(?:i|you|u|my|we|it|lol|haha\\w*|and|or|if|not|but)\\b)\\w[^)\\d]{1,30}\\)
            |\\((?:grinning|winking|shrugging|nodding|hugging|sarcas\\w*|silence|beat|aside|off-?screen|jok(?:e|ing(?:ly)?)
              |(?:softly|quietly|loudly|nervously|angrily|excitedly|sheepishly|cheerfully|gently|calmly|coldly|shyly|bitterly|sarcastically)|to\\x20(?:him|her|them|my|your)self
              |in\\x20an?\\x20[^)]{0,30}(?:voice|tone|whisper|manner|accent)|(?:with|under)\\x20[^)]{0,20}(?:smile|grin|breath|sigh|laugh|tears|eyes)
              |(?:\\w+ly\\x20)?(?:turn|walk|point|lean|star|glanc|exit|enter|interrupt|scream|shout|whistl|stutter|mumbl|think|sniff|sob
                |rais|shak|tak|hold|put|pull|start)(?:s|es|ing)\\b[^)]*)\\)
            |^(?:laughs|smiles|sighs|nods|chuckles|shrugs|grins|pauses|winks|giggles|frowns|gasps)
              (?:[.,!;:\\u2026-]|$|\\x20(?:softly|quietly|nervously|loudly|and|at|again|his|her|to)\\b)
            |~[a-z\\x20]{3,25}~
            |^(?-i:(?:INT|EXT)\\.\\x20|(?:FADE|CUT)\\x20(?:IN|OUT|TO)\\b|(?:Enter|Exit|Exeunt)\\x20\\p{Lu})""",
            Pattern.COMMENTS | Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private static final Pattern SCENE = Pattern.compile(
            "\\s*(?:scene|narrator|setting)(?: (?:\\d{1,2}|[ivx]{1,4}))?\\s?[:\u2014-]", Pattern.CASE_INSENSITIVE);

    private Forbidden() {}

    /** Whether a text begins as a play does, with its scene: not a speaker's label, though it looks so. */
    static boolean setsAScene(String text) {
        return SCENE.matcher(text).lookingAt();
    }

    /** The first reason to drop a text by an edition of the rules; empty if there is none. */
    static Optional<DropReason> reason(String text, int edition) {
        if (edition > 1 && MORE_DIRECTIONS.matcher(text).find()) return Optional.of(DropReason.STAGE_DIRECTION);
        for (Rule rule : RULES) {
            if (rule.pattern().matcher(text).find()) return Optional.of(rule.reason());
        }
        return mostlySigns(text) ? Optional.of(DropReason.NOT_TEXT) : Optional.empty();
    }

    private static boolean mostlySigns(String text) {
        long letters = text.codePoints().filter(Character::isLetter).count();
        long marks = text.codePoints().filter(c -> !Character.isLetter(c) && !Character.isWhitespace(c)).count();
        return 2 * letters < marks;
    }
}
