package io.retort.curate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was found in dialogues, and what was kept of them.
 *
 * @param dialogues         that came
 * @param turns             that they had
 * @param keptDialogues     that were kept, parts of cut ones counted each
 * @param keptTurns         that these have
 * @param speakers          turns by speaker, the commonest first
 * @param words             how many words turns have
 * @param lengths           how many turns dialogues have
 * @param languages         dialogues by language; of very many dialogues the first and then a sample, see
 *                          {@link #languagesLookedFor()}
 * @param repeatedDialogues that came before, in whatever spelling
 * @param replies           turns that are replies
 * @param repeatedReplies   replies that came before, in whatever spelling
 * @param similarReplies    replies that did not, though nearly the same had
 * @param compared          replies among which, from the first, these were looked for
 * @param isExact           whether the numbers of repetitions are exact, or may be too low since there were too many
 * @param frequent          the commonest replies, the commonest first
 * @param personal          personal data found, by kind
 * @param suspicious        turns that look damaged, by sign
 * @param examples          the first such turns of each sign
 * @param leftOut           what was left out, by reason
 * @param bounds            what there was more of than is remembered, so that what came again later may not be known
 */
public record CurationReport(long dialogues, long turns, long keptDialogues, long keptTurns,
        Map<String, Long> speakers, Spread words, Spread lengths, Map<String, Long> languages, long repeatedDialogues,
        long replies, long repeatedReplies, long similarReplies, long compared, boolean isExact,
        List<Frequent> frequent,
        Map<PersonalKind, Long> personal, Map<Suspicion, Long> suspicious, Map<Suspicion, List<Example>> examples,
        Map<String, Long> leftOut, List<String> bounds) {
    private static final int MOST_TOLD = 20;

    public CurationReport {
        speakers = Collections.unmodifiableMap(new LinkedHashMap<>(speakers));
        languages = Collections.unmodifiableMap(new LinkedHashMap<>(languages));
        frequent = List.copyOf(frequent);
        personal = Collections.unmodifiableMap(new LinkedHashMap<>(personal));
        suspicious = Collections.unmodifiableMap(new LinkedHashMap<>(suspicious));
        examples = Map.copyOf(examples);
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        bounds = List.copyOf(bounds);
    }

    /** This report with one more bound that was reached. */
    public CurationReport withBound(String bound) {
        List<String> more = new ArrayList<>(bounds);
        more.add(bound);
        return new CurationReport(dialogues, turns, keptDialogues, keptTurns, speakers, words, lengths, languages,
                repeatedDialogues, replies, repeatedReplies, similarReplies, compared, isExact, frequent, personal,
                suspicious, examples, leftOut, more);
    }

    /** Of how many dialogues the language was looked for. */
    public long languagesLookedFor() {
        return languages.values().stream().mapToLong(Long::longValue).sum();
    }

    /** A reply that comes often, shortened, and how often it came. */
    public record Frequent(String text, int times) implements Comparable<Frequent> {
        @Override
        public int compareTo(Frequent other) {
            int byTimes = Integer.compare(other.times, times);
            return byTimes != 0 ? byTimes : text.compareTo(other.text);
        }
    }

    /**
     * A turn that looks damaged.
     *
     * @param where file and place
     * @param turn  number of the turn in its dialogue, from 1
     * @param text  its beginning
     */
    public record Example(String where, int turn, String text) {
    }

    static Map<String, Long> byNumber(Map<String, Long> counts) {
        Map<String, Long> sorted = new LinkedHashMap<>();
        counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey())).forEach(each -> sorted.put(each.getKey(), each.getValue()));
        return sorted;
    }

    /** What was left out and what personal data were found, in one line for people. */
    public String sentence() {
        List<String> parts = new ArrayList<>();
        leftOut.forEach((what, times) -> parts.add(String.format(Locale.ROOT, "%,d %s", times, what)));
        List<String> kinds = new ArrayList<>();
        personal.forEach((kind, times) -> kinds.add(String.format(Locale.ROOT, "%,d %s", times,
                kind.name().toLowerCase(Locale.ROOT))));
        return "left out: " + (parts.isEmpty() ? "nothing" : String.join(", ", parts)) + "; personal data found: "
                + (kinds.isEmpty() ? "none" : String.join(", ", kinds));
    }

    /** All of it as plain values by name, as a JSON report has it; long lists are cut. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("dialogues", dialogues);
        values.put("turns", turns);
        values.put("kept_dialogues", keptDialogues);
        values.put("kept_turns", keptTurns);
        values.put("left_out", leftOut);
        values.put("speakers", speakers.size());
        Map<String, Long> told = new LinkedHashMap<>();
        speakers.entrySet().stream().limit(MOST_TOLD).forEach(each -> told.put(each.getKey(), each.getValue()));
        values.put("turns_by_speaker", told);
        values.put("words_per_turn", words.values());
        values.put("turns_per_dialogue", lengths.values());
        values.put("languages", languages);
        values.put("languages_looked_for", languagesLookedFor());
        values.put("repeated_dialogues", repeatedDialogues);
        values.put("replies", replies);
        values.put("repeated_replies", repeatedReplies);
        values.put("similar_replies", similarReplies);
        values.put("compared_replies", compared);
        values.put("exact", isExact);
        values.put("bounds_reached", bounds);
        values.put("frequent_replies", frequent.stream().limit(MOST_TOLD).toList());
        Map<String, Long> kinds = new LinkedHashMap<>();
        personal.forEach((kind, times) -> kinds.put(kind.name().toLowerCase(Locale.ROOT), times));
        values.put("personal_data", kinds);
        Map<String, Object> signs = new LinkedHashMap<>();
        suspicious
                .forEach((sign, times) -> signs.put(sign.words(), Map.of("turns", times, "first", examples.get(sign))));
        values.put("suspicious", signs);
        return values;
    }
}
