package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.RecordReader;
import io.retort.dialogue.RecordWriter;
import io.retort.eval.RankingCases;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What the dialogues of users' files became: some to learn from, some held out, and ranking tests made of these.
 *
 * @param dialogues    that were read and hold a reply
 * @param withoutReply further ones, of one turn or one speaker, which were left out
 * @param renamed      of the dialogues, those whose id another had, and which got one of their own
 * @param heldOut      of the dialogues, those that nobody learns from
 * @param validating   of the dialogues, those that tell the best checkpoint
 * @param contexts     to learn from
 * @param examples     of these, as training takes them: with replies that are long enough, none of them too often
 * @param cases        of the ranking test; 0 if there is none
 * @param candidates   of each of its cases
 */
record TalkSplit(long dialogues, long withoutReply, long renamed, long heldOut, long validating, long contexts,
        long examples, long cases, int candidates) {
    static final String LEARNED = "dialogues.jsonl.gz", HELD_OUT = "held-out.jsonl.gz", TEST = "test.jsonl.gz",
            VALIDATION = "validation.jsonl.gz";
    /** Fewest dialogues of which some are held out, and fewest of which some validate, if nobody says otherwise. */
    private static final int ENOUGH_TO_MEASURE = 20, ENOUGH_TO_VALIDATE = 100;
    private static final int LEAST_HELD_OUT = 4, MOST_HELD_OUT = 200, MOST_VALIDATING = 100;
    private static final int HELD_OUT_SHARE = 10, VALIDATING_SHARE = 20;
    /** Wrong replies of a case, if there are enough. */
    private static final int NEGATIVES = 9;
    /** Different replies whose number of times is counted exactly; with more, few of them matter. */
    private static final int COUNTED = 1_000_000;

    /** How dialogues are read and divided. */
    record Cut(DistillSettings settings, Path folder, Progress progress) {
        /**
         * Reads all dialogues twice, once to count them, and writes the files of the split.
         *
         * @throws BadInput if a file does not hold dialogues, or too few are left to learn from
         */
        TalkSplit make() throws IOException {
            long count = 0, without = 0;
            try (Talks talks = new Talks(settings)) {
                for (Dialogue talk = talks.next(); talk != null; talk = talks.next()) {
                    if (exchanges().of(talk).findAny().isPresent()) count++;
                    else without++;
                    progress.update(count + without, -1);
                }
            }
            if (count == 0) {
                throw BadInput.in(settings.data().getFirst(), "has no dialogue with a reply",
                        "give dialogues of two turns or more, of two speakers");
            }
            long heldOut = heldOut(count);
            boolean validates = count >= ENOUGH_TO_VALIDATE && settings.train().loop().validateEvery() > 0;
            long validating = validates ? Math.min(MOST_VALIDATING, count / VALIDATING_SHARE) : 0;
            if (heldOut + validating >= count) {
                throw BadInput.of("of " + count + " dialogues " + heldOut + " are held out, so nothing is left to learn",
                        "set \"held-out\" to less");
            }
            return write(count, without, heldOut, validating);
        }

        private long heldOut(long count) {
            return settings.heldOut().map(Integer::longValue).orElseGet(() -> count < ENOUGH_TO_MEASURE
                    ? 0L
                    : Math.clamp(count / HELD_OUT_SHARE, LEAST_HELD_OUT, MOST_HELD_OUT));
        }

        private TalkSplit write(long count, long without, long heldOut, long validating) throws IOException {
            SplittableRandom random = new SplittableRandom(settings.seed());
            LongOpenHashSet out = new LongOpenHashSet(), checking = new LongOpenHashSet();
            while (out.size() < heldOut) out.add(random.nextLong(count));
            while (checking.size() < validating) {
                long place = random.nextLong(count);
                if (!out.contains(place)) checking.add(place);
            }
            List<Dialogue> measured = new ArrayList<>(), validated = new ArrayList<>();
            Examples examples = new Examples(settings.train().data());
            long place = 0, contexts = 0;
            try (Talks talks = new Talks(settings);
                    RecordWriter<Dialogue> learned = DialogueFile.FORMAT.create(folder.resolve(LEARNED))) {
                for (Dialogue talk = talks.next(); talk != null; talk = talks.next()) {
                    if (exchanges().of(talk).findAny().isEmpty()) continue;
                    if (out.contains(place)) {
                        measured.add(talk);
                    } else if (checking.contains(place)) {
                        validated.add(talk);
                    } else {
                        learned.write(talk);
                        contexts += exchanges().of(talk).peek(each -> examples.add(each.reply())).count();
                    }
                    progress.update(++place, count);
                }
                learned.commit();
                DialogueFile.FORMAT.write(folder.resolve(HELD_OUT), measured);
                List<RankingCase> test = test(measured);
                RankingFile.FORMAT.write(folder.resolve(TEST), test);
                List<RankingCase> validation = test(validated);
                RankingFile.FORMAT.write(folder.resolve(VALIDATION), validation);
                return new TalkSplit(count, without, talks.renamed, heldOut, validation.isEmpty() ? 0 : validating,
                        contexts, examples.count,
                        test.size(), test.isEmpty() ? 0 : test.getFirst().candidates().size());
            }
        }

        /** Each reply of some dialogues among replies of the others; empty where there are too few. */
        private List<RankingCase> test(List<Dialogue> dialogues) {
            for (int negatives = NEGATIVES; negatives >= 1; negatives--) {
                try {
                    return new RankingCases(exchanges(), negatives, settings.seed()).of(dialogues).toList();
                } catch (BadInput e) {
                    continue; // fewer different replies than that
                }
            }
            return List.of();
        }

        private Exchanges exchanges() {
            return Exchanges.standard().withHistory(settings.train().data().history());
        }
    }

    /** The split as it is kept. */
    ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("dialogues", dialogues).put("without_reply", withoutReply)
                .put("renamed", renamed).put("held_out", heldOut).put("validating", validating)
                .put("contexts", contexts).put("examples", examples).put("cases", cases)
                .put("candidates", candidates);
    }

    /** Reads what {@link #json()} wrote. */
    static Optional<TalkSplit> of(JsonNode json) {
        for (String key : List.of("dialogues", "contexts", "examples", "cases")) {
            if (!json.path(key).isIntegralNumber()) return Optional.empty();
        }
        return Optional.of(new TalkSplit(json.path("dialogues").asLong(), json.path("without_reply").asLong(),
                json.path("renamed").asLong(), json.path("held_out").asLong(), json.path("validating").asLong(),
                json.path("contexts").asLong(), json.path("examples").asLong(), json.path("cases").asLong(),
                json.path("candidates").asInt()));
    }

    /** The dialogues of all files, turns of one speaker in a row as one, each with an id of its own. */
    private static final class Talks implements AutoCloseable {
        private final List<Path> files;
        private final long limit;
        private final LongOpenHashSet ids = new LongOpenHashSet();
        private RecordReader<Dialogue> reader;
        private int file;
        private long read;
        private long renamed;

        Talks(DistillSettings settings) {
            this.files = settings.data();
            this.limit = settings.limit().orElse(Long.MAX_VALUE);
        }

        /** The next dialogue; null after the last. */
        Dialogue next() throws IOException {
            while (read < limit) {
                if (reader != null && reader.hasNext()) {
                    read++;
                    return named(reader.next().merged());
                }
                close();
                if (file == files.size()) return null;
                reader = open(files.get(file++));
            }
            return null;
        }

        private static RecordReader<Dialogue> open(Path file) throws IOException {
            if (RecordFile.sniff(file) instanceof DialogueFile format) return format.open(file);
            throw BadInput.in(file, "holds " + RecordFile.sniff(file).contents() + ", no dialogues",
                    "give the dialogues themselves");
        }

        /** What is drawn for a context depends on its dialogue's id, so that two must not share one. */
        private Dialogue named(Dialogue talk) {
            String id = talk.id();
            for (long copy = 2; !ids.add(hash(id)); copy++) id = talk.id() + "~" + copy;
            if (id.equals(talk.id())) return talk;
            renamed++;
            return new Dialogue(id, talk.source(), talk.split(), talk.turns(), talk.meta());
        }

        @Override
        public void close() {
            if (reader != null) reader.close();
            reader = null;
        }
    }

    /** Counts the examples that training will take. */
    private static final class Examples {
        private final TrainSettings.Data data;
        private final Long2IntOpenHashMap times = new Long2IntOpenHashMap();
        private long count;

        Examples(TrainSettings.Data data) {
            this.data = data;
        }

        void add(String reply) {
            if (Exchanges.words(reply) < data.minWords()) return;
            long form = hash(NormalForm.of(reply));
            boolean counted = times.size() < COUNTED || times.containsKey(form);
            if (!counted || times.addTo(form, 1) < data.mostOfAReply()) count++;
        }
    }

    /** A 64-bit hash of a text, kept in its place since the texts themselves may be too many for the memory. */
    private static long hash(String text) {
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = it.unimi.dsi.fastutil.HashCommon.murmurHash3(hash + text.charAt(i) + 1);
        }
        return hash;
    }
}
