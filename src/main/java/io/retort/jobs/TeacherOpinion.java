package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.distill.SourceContext;
import io.retort.distill.TeacherScoring;
import io.retort.files.Progress;
import io.retort.files.ResumableJob;
import io.retort.files.Sha256;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the teacher thinks of the replies that models chose, and how long it takes for a reply of its own. Immutable.
 *
 * @param name   the teacher's
 * @param scores of each context, by reply; a reply too long for the teacher is left out
 * @param nanos  that the teacher took for a reply, one context at a time; the record's own
 */
record TeacherOpinion(String name, List<Map<String, Candidate>> scores, long[] nanos) {
    private static final String REPLIES = "evaluations/teacher.jsonl";
    private static final String LATENCY = "evaluations/teacher-latency.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Which teacher is asked, and how.
     *
     * @param decoding   of its own replies
     * @param mostTokens of these
     * @param timed      contexts that it answers for the latency, 0 or more
     * @param identity   what decides what it says, as plain values
     */
    public record Asking(Teacher teacher, Decoding decoding, int mostTokens, int timed, Map<String, Object> identity) {
    }

    /**
     * Asks the teacher about all replies that it was not asked about before.
     *
     * @param models the replies of each model, one a context
     */
    public static TeacherOpinion of(Asking asking, List<SourceContext> contexts, Collection<List<String>> models,
            ExperimentFolder folder, Progress progress) throws IOException {
        List<Distilled> asked = new ArrayList<>();
        for (int i = 0; i < contexts.size(); i++) {
            LinkedHashSet<String> replies = new LinkedHashSet<>();
            for (List<String> chosen : models) replies.add(chosen.get(i));
            asked.add(new Distilled(contexts.get(i).id(), contexts.get(i).context(), replies.stream()
                    .map(reply -> new Candidate(reply, Origin.ORIGINAL)).toList(), Map.of()));
        }
        score(asking, asked, folder.resolve(REPLIES), progress);
        Map<String, Map<String, Candidate>> byId = new HashMap<>();
        for (Distilled judged : DistilledFile.FORMAT.readAll(folder.resolve(REPLIES))) {
            Map<String, Candidate> ofContext = new HashMap<>();
            judged.candidates().forEach(candidate -> ofContext.put(candidate.text(), candidate));
            byId.put(judged.id(), ofContext);
        }
        List<Map<String, Candidate>> scores = contexts.stream()
                .map(context -> byId.getOrDefault(context.id(), Map.of()))
                .toList();
        return new TeacherOpinion(asking.teacher.name(), scores, latency(asking, contexts, folder));
    }

    private static void score(Asking asking, List<Distilled> asked, Path file, Progress progress) throws IOException {
        ObjectNode run = JSON.valueToTree(asking.identity);
        run.put("job", "experiment").put("asked", digest(asked));
        try (ResumableJob job = ResumableJob.open(file, run)) {
            if (job.isFinished()) return;
            long from = job.done();
            long[] done = {from};
            Iterator<Distilled> left = asked.stream().skip(from).iterator();
            new TeacherScoring(asking.teacher, Map.of()).run(left, made -> {
                job.add(made.entry(DistilledFile.FORMAT));
                progress.update(++done[0], asked.size());
            });
            job.finish();
        }
    }

    private static String digest(List<Distilled> asked) {
        Sha256 hash = new Sha256();
        for (Distilled distilled : asked) {
            JsonNode line = JSON.valueToTree(DistilledFile.FORMAT.values(distilled));
            hash.update((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return hash.hex();
    }

    private static long[] latency(Asking asking, List<SourceContext> contexts, ExperimentFolder folder)
            throws IOException {
        JsonNode kept = folder.read(LATENCY).orElse(null);
        if (kept == null) {
            kept = time(asking, contexts);
            folder.write(LATENCY, kept);
        }
        long[] nanos = new long[kept.required("nanos").size()];
        for (int i = 0; i < nanos.length; i++) nanos[i] = kept.get("nanos").get(i).longValue();
        return nanos;
    }

    /** Times how long the teacher takes for one reply to each of some contexts, asked for one at a time. */
    private static ObjectNode time(Asking asking, List<SourceContext> contexts) {
        Constraints constraints = Constraints.atMost(asking.mostTokens);
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        var times = root.putArray("nanos");
        for (int i = -1; i < Math.min(asking.timed, contexts.size()); i++) { // the first one warms up
            SourceContext context = contexts.get(Math.max(i, 0));
            long started = System.nanoTime();
            asking.teacher.reply(asking.decoding, constraints,
                    List.of(ReplyRequest.of(context.id(), context.context(), 1)).iterator(), _ -> {
                    });
            if (i >= 0) times.add(System.nanoTime() - started);
        }
        return root;
    }

    /** The teacher's score of the reply to a context; empty if it was too long. */
    OptionalDouble score(int context, String reply, boolean mutual) {
        Candidate found = scores.get(context).get(reply);
        if (found == null) return OptionalDouble.empty();
        return mutual ? found.mi() : found.ll();
    }
}
