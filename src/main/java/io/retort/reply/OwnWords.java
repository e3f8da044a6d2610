package io.retort.reply;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was said in a session, so that it is not said again in nearly the same words, and what was claimed of oneself in
 * it, so that it is not denied later: "I have a dog" and "I have no pets", two names, two ages. It knows plain sentences of
 * a few forms in English and is silent about all others. A session keeps one; a server makes one of the turns that a
 * client sends. One thread.
 */
public final class OwnWords {
    /** Share of words in common from which on a reply nearly repeats a turn, and the words that it has at least. */
    private static final double NEARLY = 0.8;
    private static final int FEWEST_WORDS = 4, MOST_TURNS = 200;
    private static final Set<String> NO = Set.of("no", "not", "dont", "never", "havent", "hasnt", "cant", "cannot",
            "doesnt", "didnt", "isnt", "arent", "wasnt", "hate", "nor", "neither", "without");
    /** Words that say nothing of what is had or liked. */
    private static final Set<String> FILLERS = Set.of("a", "an", "the", "any", "my", "own", "also", "really", "do",
            "to",
            "so", "very", "just", "got", "some", "one", "two", "three", "four", "lot", "of", "lots", "many", "few",
            "cute",
            "little", "big", "old", "young", "new", "great", "small", "beautiful", "lovely", "absolutely", "even",
            "ever");
    private static final Set<String> HAVING = Set.of("have", "own", "had", "got");
    private static final Set<String> LIKING = Set.of("like", "love", "enjoy", "hate", "adore", "dislike");
    private static final Map<String, String> KINDS = kinds("pet: dog cat puppy kitten hamster rabbit parrot goldfish "
            + "pets dogs cats puppies kittens; child: kid kids child children son sons daughter daughters; sibling: brother "
            + "brothers sister sisters sibling siblings; partner: wife husband girlfriend boyfriend; car: car cars truck; "
            + "job: job; house: house");
    /** Claims of which one is true at a time: what comes before the value. */
    private static final List<List<String>> SINGLE = List.of(List.of("my", "name", "is"), List.of("i", "live", "in"),
            List.of("im", "from"), List.of("i", "am", "from"), List.of("i", "work", "as", "a"));
    private static final Set<String> SINGLES = Set.of("single", "unmarried");

    private final Map<String, Claim> claims = new HashMap<>();
    private final List<Set<String>> turns = new ArrayList<>();

    /** What was claimed, and the sentence that did. */
    private record Claim(String value, String sentence) {
    }

    private static Map<String, String> kinds(String text) {
        Map<String, String> kinds = new HashMap<>();
        for (String kind : text.split("; ")) {
            String name = kind.substring(0, kind.indexOf(':'));
            for (String word : kind.substring(kind.indexOf(':') + 2).split(" ")) kinds.put(word, name);
        }
        return kinds;
    }

    /** Keeps a turn in mind, of whichever side. */
    public void heard(String turn) {
        turns.add(words(turn));
        if (turns.size() > MOST_TURNS) turns.removeFirst();
    }

    /** Keeps in mind what a reply claims, too; of two claims the earlier one stays. */
    public void said(String reply) {
        heard(reply);
        claims(reply).forEach(claims::putIfAbsent);
    }

    /** Candidates that are looked for beyond those that are to be given, so that few questions are asked twice. */
    public static final int SPARE = 4;

    /**
     * The best of the replies that were found to which nothing that was said objects, and those better ones that were
     * passed over. Where too few are left the best of the others are given nevertheless, since something must be said.
     *
     * @param k      how many replies are to be given, at most
     * @param newest the turn that is answered, which is not repeated either
     */
    public RankedReplies fitting(RankedReplies found, int k, String newest) {
        Set<String> answered = words(newest);
        Map<RankedReply, String> objected = new LinkedHashMap<>();
        List<RankedReply> given = new ArrayList<>();
        for (RankedReply reply : found.ranked()) {
            if (given.size() == k) break;
            Optional<String> objection = objection(reply.text())
                    .or(() -> isNearly(words(reply.text()), answered)
                            ? Optional.of("nearly repeats what it answers")
                            : Optional.empty());
            if (objection.isEmpty()) given.add(reply);
            else objected.put(reply, objection.get());
        }
        Iterator<RankedReply> others = List.copyOf(objected.keySet()).iterator();
        while (given.size() < k && others.hasNext()) {
            RankedReply nevertheless = others.next();
            given.add(nevertheless);
            objected.remove(nevertheless);
        }
        List<RankedReply> ranked = new ArrayList<>();
        for (RankedReply reply : given) {
            ranked.add(new RankedReply(ranked.size() + 1, reply.row(), reply.score(), reply.text()));
        }
        double least = ranked.isEmpty() ? Double.NEGATIVE_INFINITY : ranked.getLast().score();
        List<RankedReply> echoes = found.echoes().stream().filter(each -> each.score() >= least).toList();
        List<RankedReplies.Withheld> withheld = found.withheld().stream()
                .filter(each -> each.reply().score() >= least).toList();
        return new RankedReplies(ranked, echoes, withheld, objected.entrySet().stream()
                .map(each -> new RankedReplies.Withheld(each.getKey(), each.getValue())).toList(), found.tokens(),
                found.times());
    }

    /** Why a reply should not be given; empty if nothing is against it. */
    Optional<String> objection(String reply) {
        for (Map.Entry<String, Claim> claim : claims(reply).entrySet()) {
            Claim earlier = claims.get(claim.getKey());
            if (earlier != null && !earlier.value.equals(claim.getValue().value)) {
                return Optional.of("contradicts \"" + earlier.sentence + "\", which was said before");
            }
        }
        Set<String> words = words(reply);
        return turns.stream().anyMatch(turn -> isNearly(words, turn))
                ? Optional.of("nearly repeats what was said before")
                : Optional.empty();
    }

    private static boolean isNearly(Set<String> reply, Set<String> turn) {
        if (reply.size() < FEWEST_WORDS) return false;
        long common = reply.stream().filter(turn::contains).count();
        return common >= NEARLY * (reply.size() + turn.size() - common);
    }

    void forget() {
        claims.clear();
        turns.clear();
    }

    private static Set<String> words(String text) {
        return new HashSet<>(Arrays.asList(Echoes.words(text).split(" ")));
    }

    private static Map<String, Claim> claims(String text) {
        Map<String, Claim> claims = new HashMap<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean isEnd = i == text.length() || ".!;,\n".indexOf(text.charAt(i)) >= 0;
            if (!isEnd && text.charAt(i) != '?') continue;
            if (isEnd) claim(text.substring(start, i).strip(), claims); // a question claims nothing
            start = i + 1;
        }
        return claims;
    }

    private static void claim(String sentence, Map<String, Claim> claims) {
        List<String> words = List.of(Echoes.words(sentence).split(" "));
        for (List<String> single : SINGLE) {
            if (words.size() > single.size() && words.subList(0, single.size()).equals(single)) {
                String key = String.join(" ", single).replace("i am from", "im from");
                claims.put(key, new Claim(words.get(single.size()), sentence));
            }
        }
        age(words, sentence, claims);
        boolean isAlone = words.size() >= 2
                && (words.getFirst().equals("im") || words.subList(0, 2).equals(List.of("i", "am")))
                && SINGLES.contains(words.getLast());
        if (isAlone) claims.put("have partner", new Claim("no", sentence));
        if (words.size() < 3 || !words.getFirst().equals("i")) return;
        had(words, sentence, claims);
    }

    /** "I am 30", "I'm 30 years old". */
    private static void age(List<String> words, String sentence, Map<String, Claim> claims) {
        int at = words.getFirst().equals("im")
                ? 1
                : words.size() > 2 && words.subList(0, 2).equals(List.of("i", "am")) ? 2 : -1;
        if (at < 0 || at >= words.size() || !words.get(at).chars().allMatch(Character::isDigit)) return;
        boolean isAge = at + 1 == words.size() || words.get(at + 1).startsWith("year");
        if (isAge) claims.put("age", new Claim(words.get(at), sentence));
    }

    /** "I have (no) ...", "I do not like ...": the kind of thing, and whether. */
    private static void had(List<String> words, String sentence, Map<String, Claim> claims) {
        String verb = null;
        boolean isDenied = false;
        for (int i = 1; i < Math.min(words.size(), 9); i++) {
            String word = words.get(i);
            isDenied |= NO.contains(word) || word.equals("dislike");
            if (verb == null && HAVING.contains(word)) verb = "have ";
            else if (verb == null && LIKING.contains(word)) verb = "like ";
            else if (verb != null && !FILLERS.contains(word) && !NO.contains(word)) {
                boolean isHaving = verb.equals("have ");
                String what = isHaving ? KINDS.get(word) : word;
                boolean isWhole = i + 1 == words.size();
                // A dog that is not liked is no claim about all dogs, so a liking counts where nothing more is said of it.
                if (what != null && (isHaving || isWhole))
                    claims.put(verb + what, new Claim(isDenied ? "no" : "yes", sentence));
                return;
            } else if (verb == null && !FILLERS.contains(word) && !NO.contains(word)) {
                return;
            }
        }
    }
}
