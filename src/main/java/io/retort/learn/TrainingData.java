package io.retort.learn;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.ResponseFile;
import io.retort.dialogue.ResponseSet;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import io.retort.settings.InvalidSetting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Everything a student is trained on: examples, file by file, and the response set of all their candidates, out of
 * which random negatives are drawn (G2R section 3.2). Immutable once read; any thread.
 */
final class TrainingData {
    private final Selection selection;
    private final List<Epochs.Part<Example>> parts = new ArrayList<>();
    private final ResponseSet responses = new ResponseSet();
    private final Int2IntOpenHashMap timesOriginal = new Int2IntOpenHashMap();
    private final List<ReadingReport> reports = new ArrayList<>();
    private ListedNegatives listed;
    private int candidates;
    private long tooShort;
    private long tooFrequent;

    private TrainingData(Selection selection) {
        this.selection = selection;
    }

    /**
     * Reads files of dialogues, whose every turn but the first is an example, and of distilled contexts.
     *
     * @throws BadInput if a file is damaged, holds no example, or lacks a score that is asked for; it names the line
     */
    public static TrainingData read(List<WeightedFile> files, Selection selection) throws IOException {
        return read(files, selection, List.of());
    }

    /**
     * Reads training data together with hard negatives that are listed in files of their own.
     *
     * @param negatives lines {@code {"id", "negatives": [text…]}}
     */
    public static TrainingData read(List<WeightedFile> files, Selection selection, List<Path> negatives)
            throws IOException {
        TrainingData data = new TrainingData(selection);
        for (WeightedFile file : files) data.read(file);
        data.candidates = data.responses.size();
        data.listed = ListedNegatives.read(negatives, negatives.isEmpty() ? Set.of() : data.ids(), data.responses);
        return data;
    }

    private Set<String> ids() {
        Set<String> ids = new HashSet<>();
        for (Epochs.Part<Example> part : parts) for (Example example : part.examples()) ids.add(example.id());
        return ids;
    }

    private void read(WeightedFile source) throws IOException {
        Path file = source.file();
        Epochs.Part<Example> part = new Epochs.Part<>(source, new ArrayList<>());
        SourceFile opened = SourceFile.recognise(file, selection.reading());
        switch (opened.form()) {
            case DialogueFile _ -> {
                if (selection.teacher().isPresent()) {
                    throw BadInput.in(file, "holds dialogues, which no teacher has scored",
                            "give distilled data, made with `retort generate` and `retort score`");
                }
                readDialogues(opened, part);
            }
            case DistilledFile format -> readDistilled(opened, format, part);
            case ResponseFile _ -> throw BadInput.in(file, "holds replies without contexts",
                    "give dialogues or distilled data");
            case RankingFile _ -> throw BadInput.in(file, "is a ranking test, which is not to be trained on",
                    "give dialogues or distilled data");
        }
        if (part.examples().isEmpty()) {
            throw BadInput.in(file, "has no reply of " + selection.minimumWords() + " words or more",
                    "give more data, or allow shorter replies");
        }
        parts.add(part);
    }

    private void readDialogues(SourceFile file, Epochs.Part<Example> part) throws IOException {
        Exchanges rules = selection.exchanges();
        try (SourceReader<Dialogue> reader = file.dialogues()) {
            reader.forEachRemaining(dialogue -> {
                Exchanges exchanges = reader.speakers().of(dialogue, rules);
                exchanges.of(dialogue).forEach(exchange -> add(exchange, part));
                tooShort += exchanges.tooShort(dialogue);
            });
            reports.add(reader.report());
        }
    }

    private void add(Exchange exchange, Epochs.Part<Example> part) {
        int reply = responses.add(exchange.reply(), Origin.ORIGINAL);
        if (isTakenOnceMore(reply))
            part.examples().add(new Example(exchange.dialogueId() + "#" + exchange.turn(), exchange.context(),
                    new int[]{reply}, new double[0]));
    }

    private boolean isTakenOnceMore(int reply) {
        boolean taken = timesOriginal.addTo(reply, 1) < selection.mostOfAReply();
        if (!taken) tooFrequent++;
        return taken;
    }

    private void readDistilled(SourceFile file, DistilledFile format, Epochs.Part<Example> part) throws IOException {
        try (SourceReader<Distilled> reader = file.open(format)) {
            while (reader.hasNext()) {
                Distilled next = reader.next();
                add(next, reader.records(), part);
            }
            reports.add(reader.report());
        }
    }

    private void add(Distilled distilled, long line, Epochs.Part<Example> part) {
        List<Candidate> candidates = distilled.candidates().stream()
                .filter(candidate -> selection.generated() || candidate.origin() == Origin.ORIGINAL)
                .sorted(Comparator.comparing(Candidate::origin)) // the original first, else as they stand
                .toList();
        if (candidates.isEmpty() || candidates.getFirst().origin() != Origin.ORIGINAL) {
            throw BadInput.atLine(part.source().file(), line, "has no candidate of source `original`",
                    "every context needs the reply that a person gave");
        }
        if (Exchanges.words(candidates.getFirst().text()) < selection.minimumWords()) {
            tooShort++;
            return;
        }
        IntArrayList places = new IntArrayList();
        List<Double> scores = new ArrayList<>();
        for (Candidate candidate : candidates) {
            int place = responses.add(candidate.text(), candidate.origin());
            if (places.contains(place)) continue; // a set: its mass is that of one reply
            places.add(place);
            selection.teacher().ifPresent(wanted -> scores.add(score(wanted, candidate, line, part)));
        }
        if (!isTakenOnceMore(places.getInt(0))) return;
        part.examples()
                .add(new Example(distilled.id(), distilled.context().latest(selection.history()), places.toIntArray(),
                        scores.stream().mapToDouble(Double::doubleValue).toArray()));
    }

    private static double score(TeacherScore wanted, Candidate candidate, long line, Epochs.Part<Example> part) {
        OptionalDouble score = wanted.of(candidate);
        if (score.isEmpty()) {
            throw BadInput.atLine(part.source().file(), line, "has a candidate without `" + wanted.key() + "`",
                    "score the file with `retort score`");
        }
        return score.getAsDouble();
    }

    /** What each file was taken for, and how much of it was read. */
    List<ReadingReport> reports() {
        return reports;
    }

    /** The examples of the training data, file by file. */
    List<Epochs.Part<Example>> parts() {
        return parts;
    }

    /** The negatives that are listed for an example, as places in the response set. */
    int[] listed(Example example) {
        return listed.of(example.id());
    }

    /** Number of contexts for which negatives are listed. */
    public int contextsWithListed() {
        return listed.contexts();
    }

    /** Number of lines of listed negatives whose id belongs to no context that is trained on. */
    public long unknownListed() {
        return listed.unknown();
    }

    /** Replies that are somebody's candidates: the first of the response set, out of which negatives are drawn. */
    int candidates() {
        return candidates;
    }

    /**
     * The response set: every different reply once, first the candidates, then replies that are only listed as
     * negatives.
     */
    public ResponseSet responses() {
        return responses;
    }

    /** How many examples are left out, since their original reply has too few words. */
    public long tooShort() {
        return tooShort;
    }

    /** How many examples are left out, since as many as were asked for have the same original reply. */
    public long tooFrequent() {
        return tooFrequent;
    }

    /** Number of examples, whatever their files weigh. */
    public int examples() {
        return parts.stream().mapToInt(part -> part.examples().size()).sum();
    }

    /**
     * Hard negatives that somebody else has chosen: for each context, by its id, replies that look right and are not,
     * as places in the response set. Immutable once read.
     */
    private static final class ListedNegatives {
        private static final int[] NONE = {};

        private final Map<String, int[]> places = new HashMap<>();
        private long unknown;

        private ListedNegatives() {
        }

        /**
         * Reads files of lines {@code {"id", "negatives": [text…]}}. Lines of one id add up.
         *
         * @param ids       of the examples
         * @param responses to which the texts are added
         * @throws BadInput if a line is none, or no id of all is one of an example
         */
        static ListedNegatives read(List<Path> files, Set<String> ids, ResponseSet responses) throws IOException {
            ListedNegatives listed = new ListedNegatives();
            Map<String, IntArrayList> found = new HashMap<>();
            for (Path file : files) {
                try (JsonLines lines = JsonLines.open(file)) {
                    while (lines.hasNext()) listed.read(lines.next(), ids, found, responses);
                }
            }
            found.forEach((id, each) -> listed.places.put(id, each.intStream().distinct().toArray()));
            if (!files.isEmpty() && found.isEmpty()) {
                throw BadInput.atLine(files.getFirst(), 1,
                        "neither its id nor that of any later line is a context's that "
                                + "is trained on",
                        "use ids of distilled data, or DIALOGUE#TURN for dialogues (turns from 0)");
            }
            return listed;
        }

        private void read(JsonRecord line, Set<String> ids, Map<String, IntArrayList> found, ResponseSet responses) {
            String id = line.text("id");
            List<String> negatives = line.texts("negatives");
            if (negatives.isEmpty()) throw line.fault("negatives", "is empty", "remove the line or give it replies");
            if (!ids.contains(id)) {
                unknown++;
                return;
            }
            IntArrayList own = found.computeIfAbsent(id, _ -> new IntArrayList());
            for (String text : negatives) own.add(responses.add(text, Origin.GENERATED));
        }

        /** The listed negatives of the example with an id; none if no line has it. */
        int[] of(String id) {
            return places.getOrDefault(id, NONE);
        }

        /** Number of examples for which negatives are listed. */
        int contexts() {
            return places.size();
        }

        /** Number of lines whose id belongs to no example: it is unknown, or its context was left out. */
        long unknown() {
            return unknown;
        }
    }

    /**
     * A context to train on, with its candidates C_i, of which no two are one reply in two spellings. The arrays are
     * the record's own.
     *
     * @param id      of the distilled context, or {@code DIALOGUE#TURN} with the reply's place in its dialogue
     * @param replies their places in the response set; the original reply first
     * @param teacher the teacher's score of each; empty where no teacher is asked
     */
    record Example(String id, Context context, int[] replies, double[] teacher) {
    }

    /**
     * Which examples are taken out of files, and with how much of them.
     *
     * @param history most turns of a context, the newest ones
     * @param minimumWords examples whose original reply has fewer words are left out: they make false negatives
     * @param mostOfAReply examples with one original reply, in whatever spelling, beyond which further ones are left
     * out
     * @param generated whether the teacher's replies are candidates (G2R), or the original one alone (the baseline)
     * @param teacher which of the teacher's scores is wanted, if any
     * @param reading how files of dialogues are read
     */
    record Selection(int history, int minimumWords, int mostOfAReply, boolean generated,
            Optional<TeacherScore> teacher, ReadingSettings reading) {
        Selection(int history, int minimumWords, int mostOfAReply, boolean generated, Optional<TeacherScore> teacher) {
            this(history, minimumWords, mostOfAReply, generated, teacher, ReadingSettings.defaults());
        }

        /**
         * @throws InvalidSetting if a number is out of range
         */
        public Selection {
            InvalidSetting.unless(mostOfAReply >= 1, "mostOfAReply", mostOfAReply, "use 1 or more");
            exchanges(history, minimumWords);
        }

        Exchanges exchanges() {
            return exchanges(history, minimumWords);
        }

        private static Exchanges exchanges(int history, int minimumWords) {
            return Exchanges.standard().withHistory(history).withMinimumWords(minimumWords);
        }
    }
}
