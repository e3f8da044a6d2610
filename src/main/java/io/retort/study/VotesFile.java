package io.retort.study;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AppendedLines;
import io.retort.files.BadInput;
import io.retort.files.InputFile;
import io.retort.files.JsonRecord;
import io.retort.files.TextFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The file of votes, JSONL, to which lines are only added: a head {@code {"format": "retort-votes", "version": 1,
 * "plan": fingerprint}}, then for each judge who begins {@code {"judge", "place": N, "at"}}, and for each vote {@code
 * {"judge", "item", "answer", "at", "ms"?}}. Each line is on the device before the vote counts; of a process that was
 * killed at most the start of one line remains, which is passed over in reading and cut off before the next is added.
 */
public final class VotesFile implements AutoCloseable {
    private static final String FORMAT = "retort-votes";
    private static final int VERSION = 1;
    private static final int LARGEST = 1 << 29;
    private static final JsonMapper MAPPER = new JsonMapper();

    private final AppendedLines lines;
    private final Kept kept;

    private VotesFile(AppendedLines lines, Kept kept) {
        this.lines = lines;
        this.kept = kept;
    }

    /**
     * What a file of votes holds.
     *
     * @param places of the judges who have begun, by their names
     * @param votes  in the order in which they were given
     * @param isCut  whether the last line was not whole, and was passed over
     */
    public record Kept(Map<String, Integer> places, List<Vote> votes, boolean isCut) {
    }

    /**
     * Reads the votes of a plan.
     *
     * @throws BadInput naming the line if they are another plan's, name what is not in it, or one comes twice
     */
    public static Kept read(Path file, StudyPlan plan) throws IOException {
        byte[] bytes = InputFile.bytes(file, LARGEST);
        return new Reading(file, plan).of(bytes, wholeLines(bytes));
    }

    /**
     * Reads the votes of a plan out of several files.
     *
     * @throws BadInput as of {@link #read}, or if a judge voted on an item in two of them
     */
    public static Kept readAll(List<Path> files, StudyPlan plan) throws IOException {
        Map<String, Integer> places = new LinkedHashMap<>();
        List<Vote> votes = new ArrayList<>();
        Set<List<String>> voted = new HashSet<>();
        boolean isCut = false;
        for (Path file : files) {
            Kept kept = read(file, plan);
            for (Vote vote : kept.votes) {
                if (voted.add(List.of(vote.judge(), vote.item()))) continue;
                throw BadInput.in(file, vote.judge() + " votes on item " + vote.item()
                        + " there and in a file before it", "name each file once");
            }
            places.putAll(kept.places);
            votes.addAll(kept.votes);
            isCut |= kept.isCut;
        }
        return new Kept(places, votes, isCut);
    }

    private static int wholeLines(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') end--;
        return end;
    }

    /** Opens the votes of a plan to add some, or begins them; one process at a time. */
    static VotesFile open(Path file, StudyPlan plan) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        AppendedLines lines = AppendedLines.open(file)
                .orElseThrow(() -> BadInput.in(file, "another process takes votes there",
                        "wait for it, or name another file of votes"));
        try {
            byte[] bytes = InputFile.bytes(file, LARGEST);
            int whole = wholeLines(bytes);
            Kept kept = whole == 0
                    ? new Kept(new LinkedHashMap<>(), new ArrayList<>(), bytes.length > 0)
                    : new Reading(file, plan).of(bytes, whole);
            requireOwn(file, bytes, whole);
            lines.keep(whole);
            VotesFile votes = new VotesFile(lines, kept);
            if (whole == 0) {
                votes.append(object().put("format", FORMAT).put("version", VERSION).put("plan", plan.fingerprint()));
            }
            return votes;
        } catch (Throwable e) {
            lines.close();
            throw e;
        }
    }

    /** Refuses to cut off what is not the start of a head, as when another kind of file was named. */
    private static void requireOwn(Path file, byte[] bytes, int whole) throws IOException {
        if (whole > 0) return;
        byte[] head = MAPPER.writeValueAsBytes(object().put("format", FORMAT));
        int seen = Math.min(bytes.length, head.length - 1);
        if (!Arrays.equals(bytes, 0, seen, head, 0, seen)) throw notVotes(file);
    }

    private static BadInput notVotes(Path file) {
        return BadInput.in(file, "holds no votes of a study", "name another file");
    }

    /** What the file held when it was opened. */
    Kept kept() {
        return kept;
    }

    void begin(String judge, int place, Instant at) throws IOException {
        append(object().put("judge", judge).put("place", place).put("at", at.toString()));
    }

    void add(Vote vote) throws IOException {
        ObjectNode line = object().put("judge", vote.judge()).put("item", vote.item()).put("answer", vote.answer())
                .put("at", vote.at().toString());
        vote.millis().ifPresent(millis -> line.put("ms", millis));
        append(line);
    }

    private void append(ObjectNode line) throws IOException {
        byte[] json = MAPPER.writeValueAsBytes(line);
        lines.append(ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').array());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    /** One reading of a file, against the plan that its votes are for. */
    private record Reading(Path file, StudyPlan plan, Map<String, StudyItem> items, Map<String, Integer> places,
            List<Vote> votes, Set<List<String>> voted) {
        Reading(Path file, StudyPlan plan) {
            this(file, plan, plan.itemsById(), new LinkedHashMap<>(), new ArrayList<>(), new HashSet<>());
        }

        Kept of(byte[] bytes, int length) {
            if (length == 0) {
                throw bytes.length == 0 ? BadInput.in(file, "is empty", "there is no vote yet") : notVotes(file);
            }
            String[] lines = TextFile.decode(file, Arrays.copyOf(bytes, length)).split("\n", -1);
            head(JsonRecord.parse(file, 1, lines[0]));
            for (int i = 1; i < lines.length - 1; i++) line(JsonRecord.parse(file, i + 1, lines[i]));
            return new Kept(places, votes, length < bytes.length);
        }

        private void head(JsonRecord head) {
            if (!head.optionalText("format").orElse("").equals(FORMAT)) throw notVotes(file);
            if (StudyPlanFile.count(head, "version") != VERSION) {
                throw head.fault("version", "is not " + VERSION, "use the version of Retort that wrote the file");
            }
            if (!head.text("plan").equals(plan.fingerprint())) {
                throw BadInput.in(file, "holds votes of another plan, or the plan was changed after they were given",
                        "name the plan that they were given for");
            }
        }

        private void line(JsonRecord line) {
            String judge = line.filledText("judge");
            if (line.has("place")) {
                int place = StudyPlanFile.count(line, "place");
                if (place >= plan.places().size()) throw line.fault("place", "is none of the plan", "correct the line");
                if (places.putIfAbsent(judge, place) != null) {
                    throw line.fault("judge", "has begun already", "remove the line");
                }
                return;
            }
            String item = line.text("item"), answer = line.text("answer");
            if (!items.containsKey(item)) throw line.fault("item", "is none of the plan", "remove the line");
            if (!places.containsKey(judge) || !plan.places().get(places.get(judge)).contains(item)) {
                throw line.fault("item", "was not handed to " + judge, "remove the line");
            }
            if (!plan.form().takes(answer)) {
                throw line.fault("answer", "is no answer of the form " + plan.form().label(), "correct the line");
            }
            if (!voted.add(List.of(judge, item))) {
                throw line.fault("item", "was voted on by " + judge + " before", "remove one of the votes");
            }
            OptionalDouble millis = line.optionalNumber("ms");
            votes.add(new Vote(judge, item, answer, at(line), millis.isPresent()
                    ? OptionalLong.of(Math.round(millis.getAsDouble()))
                    : OptionalLong.empty()));
        }

        private static Instant at(JsonRecord line) {
            try {
                return Instant.parse(line.text("at"));
            } catch (DateTimeException e) {
                throw line.fault("at", "is no time in ISO 8601", "correct the line").causedBy(e);
            }
        }
    }
}
