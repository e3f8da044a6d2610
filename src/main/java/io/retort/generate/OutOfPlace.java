package io.retort.generate;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.retort.dialogue.Context;

/**
 * Finds replies that are fine as texts and none in this conversation: tasks as in a schoolbook, questions that nobody in
 * it is asked, violence that nobody spoke of. Patterns are of what a small language model wrote to contexts of people
 * (docs/prompts.md says what they keep of people's own replies).
 */
final class OutOfPlace {
    private static final int FLAGS = Pattern.COMMENTS | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

    private static final Pattern TASK = Pattern.compile("""
            \\bwhich\\x20(?:one\\x20)?of\\x20the\\x20following\\b|(?:^|[.!?:]\\x20)fill\\x20in\\x20the\\x20(?:blanks?|gaps?)\\b|\\bmultiple[-\\x20]choice\\x20questions?\\b
            |\\b(?:choose|select|pick|mark|circle|underline)\\x20(?:the|an?|your)\\x20(?:best|correct|right|wrong|most\\x20\\w+|following)
              \\x20(?:answer|option|response|reply|word|sentence|choice|statement|phrase)
            |(?:^|[.!?:]\\x20)answer\\x20(?:all|each|these)\\x20(?:the\\x20|of\\x20the\\x20)?questions?\\b|\\banswer\\x20the\\x20following\\b
            |(?:^|[.!?:]\\x20)true\\x20or\\x20false\\b|\\bthe\\x20(?:correct|right)\\x20(?:answer|option)\\x20is\\x20(?:[a-d]\\b|option)
            |(?:^|[.!?:]\\x20)(?:please\\x20)?(?:
               (?:write|compose|draft|create|generate|make\\x20up|design)\\x20(?:an?|your|down|\\d+|two|three|four|five|the)\\x20(?:\\S+\\x20){0,4}
                 (?:essays?|paragraphs?|story|stories|poems?|sentences?|dialogues?|conversations?|scripts?|summary|articles?|
                    haikus?|speech|code|functions?|programs?|scenes?|blog\\x20posts?|responses?|repl(?:y|ies)|monologues?)\\b
              |(?:rewrite|translate|paraphrase|summari[sz]e|analy[sz]e|identify|classify|rephrase|match)\\x20(?:the|this|these|each|your)\\x20
              |(?:complete|read|continue)\\x20the\\x20(?:following|sentences?|passage|dialogue|conversation|text|paragraph|table|story)\\b
              |(?:describe|discuss|explain|define|list)\\x20(?:the|an?|how\\x20the|why\\x20the|what\\x20an?|
                 in\\x20your\\x20own|some|(?:two|three|four|five|\\d+))\\x20
              |(?:describe|discuss|explain)\\x20(?:how|why|what|whether)\\x20you\\x20(?:would|think|might)\\x20
              |imagine\\x20(?:that\\x20)?you(?:['\u2019]re|\\x20are|\\x20were)\\x20(?:an?|the)\\x20)
            |\\bin\\x20(?:your\\x20own|no\\x20more\\x20than\\x20\\d+)\\x20words\\b
            |\\baccording\\x20to\\x20the\\x20(?:passage|text|author|paragraph|article|dialogue|speaker)\\b
            |\\b(?:main|central)\\x20idea\\x20of\\x20the\\x20(?:passage|text|story|paragraph)\\b|\\bthe\\x20(?:above|given|following)\\x20
              (?:passage|text|paragraph|dialogue|conversation|scenario|prompt|sentences?)\\b
            """, FLAGS);

    private static final Pattern QUESTION = Pattern.compile("""
            ^(?:(?:and|so|but|well|now|ok|okay),?\\x20)?(?:(?:what|which|who|whose|where|when|why|how)\\b
             |(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have)\\x20)""", FLAGS);
    /** A question that goes to whoever reads it, as lists of prompts have. */
    private static final Pattern HYPOTHETICAL = Pattern.compile(
            "^(?:what would (?:you|happen)\\b.{0,12}\\bif (?!i\\b|you were (?:me|him|her|them)\\b)|if you (?:were|could|had|won|found) (?!me\\b|him\\b))",
            Pattern.CASE_INSENSITIVE);
    /** Words that bind a question to a conversation: who is asked, or what was said before. */
    private static final Pattern BOUND = Pattern.compile("""
            \\b(?:i|me|my|mine|you|your|yours|ya|yo|u|ur|y'?all|we|us|our|ours|he|him|his|she|her|hers|it|its|they|them|their|theirs
            |this|that|these|those|there|here|then|so|too|else|another|other|one|ones|same|again|anyone|anybody|someone|somebody
            |everyone|everybody|anything|something|everything|that['\u2019]s|it['\u2019]s|today|tonight|tomorrow|yesterday
            |now|next|last|such|both|either|instead)\\b""", FLAGS);
    private static final int FEWEST_WORDS = 5, FEWEST_STEMS = 2, STEM = 4;
    private static final Set<String> EMPTY_WORDS = Set.of("what", "which", "whose", "where", "when", "would", "could",
            "should", "does", "have", "been", "were", "with", "from", "about", "your", "that", "this", "than", "into",
            "like", "some", "most", "more", "much", "many", "will", "they", "them", "there", "these", "those", "people",
            "the", "and", "for", "are", "was", "who", "why", "how", "did", "can", "has", "had", "not", "but", "you",
            "old",
            "out", "all", "any", "get", "say", "says", "said", "going", "goes", "happen", "happened", "happens", "mean",
            "means", "think", "know", "kind", "sort", "thing", "things", "way", "time", "still", "really", "good",
            "best");

    private static final Pattern VIOLENT = Pattern.compile("""
            \\b(?:kill(?:s|ed)?|serial\\x20killers?|murder(?:s|ed|ers?|ing|ous)?|stab(?:s|bed|bing)?|strangl(?:e|es|ed|ing)|slaughter(?:s|ed|ing)?
            |(?:got|been|be|was|were|gets?|being|getting|he|she|they|i|him|her|who)\\x20shot(?!\\x20(?:glass|put))
            |shoot(?:s|ing)?\\x20(?:you|him|her|them|me|people|someone|somebody|everyone|myself|himself)|gunned\\x20down|gun(?:s|men|man|shots?)?
            |knif(?:e|ed|ing)\\x20(?:to|into|in)\\x20(?:my|his|her|your|the)\\x20(?:throat|neck|back|chest|face|heart|hand)|(?:cut|slit)\\x20(?:your|his|her|my|their|the)\\x20throats?|corpses?|dead\\x20bod(?:y|ies)
            |behead(?:s|ed|ing)?|decapitat\\w+|dismember\\w*|tortur(?:e|es|ed|ing)\\x20(?:you|him|her|them|me|people)|massacre[sd]?|rap(?:ed|ist|ists)|assassin\\w*
            |suicid(?:e|al)|(?:hang(?:ed|ing)?|hurt(?:ing)?|cut(?:ting)?)\\x20(?:myself|yourself|himself|herself)|bomb(?:s|ed|ing|ings)|a\\x20bomb
            |blow\\x20up\\x20(?:the|your|his|her|a)|beat(?:en)?\\x20(?:him|her|you|me|them)\\x20(?:up|to\\x20death)|to\\x20death\\x20with|blood(?:y)?\\x20(?:everywhere|on\\x20(?:my|his|her|the))
            |pool\\x20of\\x20blood|the\\x20blood|punch(?:ed|ing)?\\x20(?:him|her|you|me|them|someone)|kidnapp?(?:ed|ing|ers?)?|set\\x20(?:him|her|you|them|\\w+\\x20house)\\x20on\\x20fire)\\b
            """, FLAGS);
    /** What sounds violent and is not: idioms, medicine, cooking, photographs, drinks. */
    private static final Pattern HARMLESS = Pattern.compile("""
            \\bkill(?:ing|s|ed)?\\x20(?:\\w+\\x20)?(?:brain\\x20cells|time|plants?|weeds?|germs|bacteria|batter(?:y|ies)|appetite)|kill(?:ing|s|ed)?\\x20(?:it|for\\b|two\\x20birds|the\\x20(?:mood|vibe|buzz|time|lights?|engine|pain|weeds?))|kill(?:ing|s|ed)?\\x20(?:me|us|my\\x20(?:back|feet|legs?|knees?|head|arms?|eyes?|vibe))\\b
            |dressed\\x20to\\x20kill|would\\x20kill\\x20(?:for|to)|(?:could|i['\u2019]d)\\x20kill\\x20(?:for|to)|killer\\x20(?:deal|app|whales?|smile|instinct|view|song|recipe|workout)|overkill|buzz\\x20?kill|painkillers?
            |bath\\x20bombs?|photo\\x20bomb\\w*|bomb\\x20(?:diggity|ass)|da\\x20bomb|the\\x20bomb\\b|top\\x20gun|guns(?:\\x20n\\b|\\W{1,2}(?:and\\x20)?(?:roses|steel)|\\x20and\\x20roses)|shot\\x20(?:on|in|at|with|by|\\d+)\\b|water\\x20guns?|nerf\\x20guns?|glue\\x20guns?|gun\\x20(?:it|show)|jump\\x20the\\x20gun|(?:flu|vodka|tequila|espresso)\\x20shot
            |the\\x20blood\\x20(?:test|work|pressure|drive|sugar|bank|type|flow\\w*|pumping|drawn|donation|moving)|murder\\x20(?:myster(?:y|ies))|stab(?:s|bing)?\\x20(?:at\\x20it|pains?)|a\\x20stab\\x20at
            |kill\\x20bill|to\\x20kill\\x20a\\x20mockingbird""", FLAGS);
    /** What a conversation speaks of in which violence may be spoken of. */
    private static final Pattern VIOLENT_SUBJECT = Pattern.compile("""
            \\b(?:kill|murder|stab|shot\\b|shoot|gun|knif|sword|blade|weapon|war\\b|wars\\b|army|soldier|militar|navy|marine|veteran|police|cops?\\b|crim|thie[fv]|rob(?:b|s\\b)|stole|attack|fight|fought|battle
            |violen|blood|dead|death|die[ds]?\\b|dying|horror|scar[ey]|zombie|vampire|monster|slasher|thriller|myster|detective|crime|jail|prison|arrest|hunt|hurt|abus|bully|bulli|terror|bomb|explo
            |suicid|depress|movie|film|book|novel|series|show\\b|episode|game|gaming|xbox|playstation|netflix|marvel|batman|star\\x20wars|history|histor|news|president|politic|accident|crash|injur|wound|surgery|hospital|kidnap|assault|rape|tortur|slaughter|butcher|predator|shark|bear\\b|wolf|wolves|snake|spider|dragon|knight|beat\\b|punch|kick|threat|danger|victim|angry|football|nfl|wrestl|boxing|boxer|karate|hero|fire\\b|funeral|ghost|haunt|demon|devil|evil|creep|nightmare)
            """, FLAGS);

    private OutOfPlace() {}

    /** The reason to drop a reply to a context; empty if there is none. */
    static Optional<DropReason> reason(Context context, String reply) {
        if (TASK.matcher(reply).find()) return Optional.of(DropReason.TASK);
        if (asksNobody(context, reply)) return Optional.of(DropReason.QUESTION_TO_NOBODY);
        return comesWithViolence(context, reply) ? Optional.of(DropReason.VIOLENCE) : Optional.empty();
    }

    /** Whether the reply is one question that takes up nothing that was said and asks none of those who talk. */
    private static boolean asksNobody(Context context, String reply) {
        List<String> sentences = Sentences.of(reply);
        if (sentences.size() != 1 || !reply.endsWith("?") || Sentences.words(reply) < FEWEST_WORDS) return false;
        boolean hypothetical = HYPOTHETICAL.matcher(reply).find();
        if (!hypothetical && (!QUESTION.matcher(reply).find() || BOUND.matcher(reply).find())) return false;
        Set<String> said = new HashSet<>();
        context.turns().forEach(turn -> said.addAll(stems(turn)));
        Set<String> asked = stems(reply);
        return asked.size() >= (hypothetical ? 1 : FEWEST_STEMS) && asked.stream().noneMatch(said::contains);
    }

    private static Set<String> stems(String text) {
        Set<String> stems = new HashSet<>();
        for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
            if (word.length() > 2 && !EMPTY_WORDS.contains(word)) {
                stems.add(word.substring(0, Math.min(STEM, word.length())));
            }
        }
        return stems;
    }

    private static boolean comesWithViolence(Context context, String reply) {
        String serious = HARMLESS.matcher(reply).replaceAll((MatchResult _) -> " ");
        return VIOLENT.matcher(serious).find()
                && context.turns().stream().noneMatch(turn -> VIOLENT_SUBJECT.matcher(turn).find());
    }
}
