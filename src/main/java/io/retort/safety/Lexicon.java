package io.retort.safety;

import io.retort.files.BadInput;
import io.retort.safety.PatternAutomaton.Hit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Patterns of words by category, with everyday exceptions: a pattern that is found within an exception of its category
 * counts for nothing. Those that come with Retort stand in {@code lexicon.txt}, whose head says how they are written.
 * Immutable; any thread.
 */
final class Lexicon {
    private static final String RESOURCE = "lexicon.txt", DISGUISED = "disguised";
    /** Bounds what a configuration may ask for: each pattern takes memory for every text that is checked. */
    private static final int MOST_PATTERNS = 20_000;

    private final List<Entry> entries = new ArrayList<>();
    private final PatternAutomaton automaton = new PatternAutomaton();
    private final Disguises disguises;

    /** A pattern of a category, or an exception from such. */
    private record Entry(SafetyCategory category, String pattern, boolean isException) {
        private static final String LEAD = "...";
        private static final int LEAD_WORDS = 3;

        /** The pattern from its first certain word on: words of any kind before that are counted, not looked for. */
        String withoutLead() {
            return pattern.startsWith(LEAD) ? pattern.substring(LEAD.length()) : pattern;
        }

        int lead() {
            return pattern.startsWith(LEAD) ? LEAD_WORDS : 0;
        }
    }

    /**
     * A pattern that was found.
     *
     * @param words   where it was found, as they were understood
     * @param pattern as the lexicon has it
     */
    record Found(SafetyCategory category, String words, String pattern) {
    }

    /** A lexicon as it is written, before what a user adds and removes. */
    private static final class Source {
        private final Map<String, WordPattern> named = new HashMap<>();
        private final List<Entry> entries = new ArrayList<>();
        private final Set<String> disguised = new TreeSet<>();
    }

    private Lexicon(Source source) {
        Set<String> disguised = new HashSet<>(source.disguised);
        for (Entry entry : source.entries) {
            WordPattern pattern = WordPattern.of(entry.withoutLead(), source.named);
            automaton.add(pattern, entries.size(), entry.isException);
            entries.add(entry);
            boolean isOneWord = pattern instanceof WordPattern.Words && !entry.isException
                    && entry.category != SafetyCategory.SENSITIVE;
            if (isOneWord) disguised.addAll(plainWords((WordPattern.Words) pattern));
        }
        disguises = new Disguises(automaton.words(), disguised);
    }

    private static List<String> plainWords(WordPattern.Words words) {
        return words.words().stream().map(word -> word.endsWith("*") ? word.substring(0, word.length() - 1) : word)
                .toList();
    }

    /**
     * The lexicon that comes with Retort, with changes of a user's.
     *
     * @param changes read after it
     * @throws BadInput if a change is none
     */
    static Lexicon with(LexiconChanges changes) {
        Source source = new Source();
        read(source);
        for (Map.Entry<SafetyCategory, List<String>> added : changes.add().entrySet()) {
            added.getValue().forEach(pattern -> add(source, added.getKey(), pattern, false));
        }
        for (Map.Entry<SafetyCategory, List<String>> allowed : changes.allow().entrySet()) {
            allowed.getValue().forEach(pattern -> add(source, allowed.getKey(), pattern, true));
        }
        for (String removed : changes.remove()) {
            boolean wasThere = source.entries.removeIf(entry -> entry.pattern.equals(removed.strip()));
            if (!wasThere) {
                throw BadInput.of("the lexicon has no pattern \"" + removed + "\" to remove",
                        "write it as the lexicon has it; the reason of a verdict shows it");
            }
        }
        if (source.entries.size() > MOST_PATTERNS) {
            throw BadInput.of("there are " + source.entries.size() + " patterns", "add fewer than " + MOST_PATTERNS);
        }
        return new Lexicon(source);
    }

    private static void add(Source source, SafetyCategory category, String pattern, boolean isException) {
        try {
            WordPattern parsed = WordPattern.of(pattern.strip(), source.named);
            new PatternAutomaton().add(parsed, 0, false); // refuses what matches nothing at all
            source.entries.add(new Entry(category, pattern.strip(), isException));
        } catch (IllegalArgumentException e) {
            throw BadInput.of("\"" + pattern + "\" is no pattern of words: " + e.getMessage(),
                    "write it as docs/safety.md says").causedBy(e);
        }
    }

    private static void read(Source source) {
        SafetyCategory category = null;
        boolean isDisguised = false;
        for (String line : lines()) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) continue;
            if (text.startsWith("[")) {
                String name = text.substring(1, text.length() - 1);
                isDisguised = name.equals(DISGUISED);
                category = isDisguised ? null : SafetyCategory.of(name);
            } else if (text.startsWith("@") && text.contains(" = ")) {
                int equals = text.indexOf(" = ");
                source.named.put(text.substring(1, equals),
                        WordPattern.of(text.substring(equals + 3), source.named));
            } else if (isDisguised) {
                source.disguised.addAll(Arrays.asList(text.split(" ")));
            } else {
                boolean isException = text.startsWith("!");
                source.entries.add(new Entry(category, isException ? text.substring(1).strip() : text, isException));
            }
        }
    }

    private static List<String> lines() {
        try (InputStream in = Lexicon.class.getResourceAsStream(RESOURCE)) {
            if (in == null) throw new IllegalStateException(RESOURCE + " is missing from the jar");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
    }

    /** The words of a text, as they are meant. */
    List<String> words(String text) {
        return disguises.words(text);
    }

    /**
     * The gravest of the patterns that a text holds.
     *
     * @param counts which categories are looked at
     */
    Optional<Found> find(String text, Predicate<SafetyCategory> counts) {
        List<String> words = words(text);
        List<Hit> hits = automaton.find(words);
        Hit gravest = null;
        Map<SafetyCategory, int[]> excused = null; // made when there is something to excuse
        for (Hit hit : hits) {
            Entry entry = entries.get(hit.pattern());
            if (entry.isException || !counts.test(entry.category)) continue;
            boolean isGraver = gravest == null
                    || entry.category.compareTo(entries.get(gravest.pattern()).category) < 0;
            if (!isGraver) continue;
            if (excused == null) excused = excused(hits, words.size());
            int[] reach = excused.get(entry.category);
            if (reach == null || reach[hit.from()] < hit.to()) gravest = hit;
        }
        if (gravest == null) return Optional.empty();
        Entry entry = entries.get(gravest.pattern());
        return Optional.of(new Found(entry.category,
                String.join(" ", words.subList(gravest.from(), gravest.to() + 1)), entry.pattern));
    }

    /** For each category with exceptions in a text, by word: the last word that an exception from there or before holds. */
    private Map<SafetyCategory, int[]> excused(List<Hit> hits, int words) {
        Map<SafetyCategory, int[]> excused = new EnumMap<>(SafetyCategory.class);
        for (Hit hit : hits) {
            Entry entry = entries.get(hit.pattern());
            if (!entry.isException) continue;
            int[] reach = excused.computeIfAbsent(entry.category, _ -> {
                int[] none = new int[words];
                Arrays.fill(none, -1);
                return none;
            });
            int from = Math.max(0, hit.from() - entry.lead());
            reach[from] = Math.max(reach[from], hit.to());
        }
        for (int[] reach : excused.values()) {
            for (int i = 1; i < words; i++) reach[i] = Math.max(reach[i], reach[i - 1]);
        }
        return excused;
    }
}
