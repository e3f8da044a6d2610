package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordWriter;
import io.retort.eval.RankingCases;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What the dialogues became: some to learn from, some held out, and ranking tests made of these.
 *
 * @param dialogues    that were read and hold a reply
 * @param withoutReply further ones, of one turn or one speaker, which were left out
 * @param heldOut      of the dialogues, those that nobody learns from
 * @param validating   of the dialogues, those that tell the best checkpoint
 * @param contexts     to learn from
 * @param examples     of these, as training takes them: with replies that are long enough, none of them too often
 * @param cases        of the ranking test; 0 if there is none
 * @param candidates   of each of its cases
 */
record TalkSplit(long dialogues, long withoutReply, long heldOut, long validating, long contexts,
        long examples, long cases, int candidates) {
    static final String ALL = "talks.jsonl.gz", LEARNED = "dialogues.jsonl.gz", HELD_OUT = "held-out.jsonl.gz",
            TEST = "test.jsonl.gz",
            VALIDATION = "validation.jsonl.gz";
    /** Fewest dialogues of which some are held out, and fewest of which some validate, if nobody says otherwise. */
    private static final int ENOUGH_TO_MEASURE = 20, ENOUGH_TO_VALIDATE = 100;
    private static final int LEAST_HELD_OUT = 4, MOST_HELD_OUT = 200, MOST_VALIDATING = 100;
    private static final int HELD_OUT_SHARE = 10, VALIDATING_SHARE = 20;
    /** Wrong replies of a case, if there are enough. */
    private static final int NEGATIVES = 9;
    /** Different replies whose number of times is counted exactly; with more, few of them matter. */
    private static final int COUNTED = 1_000_000;

    /**
     * How dialogues are divided.
     *
     * @param folder where the converted dialogues are, and the files of the split will be
     */
    record Cut(DistillSettings settings, Path folder, Progress progress) {
        /**
         * Reads all dialogues twice, once to count them, and writes the files of the split.
         *
         * @throws BadInput if too few are left to learn from
         */
        TalkSplit make() throws IOException {
            long count = 0, without = 0;
            try (Talks talks = talks()) {
                for (Dialogue talk = talks.next(); talk != null; talk = talks.next()) {
                    if (talks.exchanges(talk).findAny().isPresent()) count++;
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
                throw BadInput.of(
                        "of " + count + " dialogues " + heldOut + " are held out, so nothing is left to learn",
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
            List<Dialogue> measured = new ArrayList<>();
            List<Exchange> test = new ArrayList<>(), validation = new ArrayList<>();
            Examples examples = new Examples(settings.train().data());
            long place = 0, contexts = 0;
            try (Talks talks = talks();
                    RecordWriter<Dialogue> learned = DialogueFile.FORMAT.create(folder.resolve(LEARNED))) {
                for (Dialogue talk = talks.next(); talk != null; talk = talks.next()) {
                    List<Exchange> exchanges = talks.exchanges(talk).toList();
                    if (exchanges.isEmpty()) continue;
                    if (out.contains(place)) {
                        measured.add(talk);
                        test.addAll(exchanges);
                    } else if (checking.contains(place)) {
                        validation.addAll(exchanges);
                    } else {
                        learned.write(talk);
                        contexts += exchanges.size();
                        exchanges.forEach(each -> examples.add(each.reply()));
                    }
                    progress.update(++place, count);
                }
                learned.commit();
            }
            DialogueFile.FORMAT.write(folder.resolve(HELD_OUT), measured);
            List<RankingCase> cases = cases(test), checks = cases(validation);
            RankingFile.FORMAT.write(folder.resolve(TEST), cases);
            RankingFile.FORMAT.write(folder.resolve(VALIDATION), checks);
            return new TalkSplit(count, without, heldOut, checks.isEmpty() ? 0 : validating, contexts, examples.count,
                    cases.size(), cases.isEmpty() ? 0 : cases.getFirst().candidates().size());
        }

        /** Each reply of some dialogues among replies of the others; empty where there are too few. */
        private List<RankingCase> cases(List<Exchange> exchanges) {
            for (int negatives = NEGATIVES; negatives >= 1; negatives--) {
                try {
                    return new RankingCases(rules(), negatives, settings.seed()).among(exchanges).toList();
                } catch (BadInput e) {
                    continue; // fewer different replies than that
                }
            }
            return List.of();
        }

        private Exchanges rules() {
            return Exchanges.standard().withHistory(settings.train().data().history());
        }

        private Talks talks() throws IOException {
            return new Talks(SourceFile.recognise(folder.resolve(ALL), settings.speakers()).dialogues(), rules(),
                    settings.limit().orElse(Long.MAX_VALUE));
        }
    }

    /** The split as it is kept. */
    ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("dialogues", dialogues).put("without_reply", withoutReply)
                .put("held_out", heldOut).put("validating", validating)
                .put("contexts", contexts).put("examples", examples).put("cases", cases)
                .put("candidates", candidates);
    }

    /** Reads what {@link #json()} wrote. */
    static Optional<TalkSplit> of(JsonNode json) {
        for (String key : List.of("dialogues", "contexts", "examples", "cases")) {
            if (!json.path(key).isIntegralNumber()) return Optional.empty();
        }
        return Optional.of(new TalkSplit(json.path("dialogues").asLong(), json.path("without_reply").asLong(),
                json.path("held_out").asLong(), json.path("validating").asLong(),
                json.path("contexts").asLong(), json.path("examples").asLong(), json.path("cases").asLong(),
                json.path("candidates").asInt()));
    }

    /** The first dialogues of a file, turns of one speaker in a row as one. */
    private record Talks(SourceReader<Dialogue> reader, Exchanges rules, long limit) implements AutoCloseable {
        /** The next dialogue; null after the last. */
        Dialogue next() {
            return reader.records() < limit && reader.hasNext() ? reader.next().merged() : null;
        }

        /** The replies of a dialogue's repliers, with their contexts. */
        Stream<Exchange> exchanges(Dialogue talk) {
            return reader.speakers().of(talk, rules).of(talk);
        }

        @Override
        public void close() {
            reader.close();
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
