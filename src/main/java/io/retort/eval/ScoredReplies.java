package io.retort.eval;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A teacher's scored replies to some contexts, of which a model picks one each: so the teacher's opinion of a model is
 * had without the teacher.
 *
 * @param contexts whose candidates all have scores
 */
public record ScoredReplies(List<Distilled> contexts) {
    /**
     * Checks that every candidate has both scores.
     *
     * @throws BadInput if a candidate lacks a score, or there is no context
     */
    public ScoredReplies {
        contexts = List.copyOf(contexts);
        if (contexts.isEmpty()) throw BadInput.of("no contexts to pick replies for", "give distilled data");
        for (Distilled context : contexts) {
            if (context.candidates().stream().anyMatch(reply -> reply.ll().isEmpty() || reply.mi().isEmpty()))
                throw BadInput.of("context " + context.id() + " has candidates without scores",
                        "have a teacher score them");
        }
    }

    /** The teacher's mean scores of some replies, in nats a token. */
    public record Scores(double ll, double mi) {
        static Scores mean(List<Candidate> replies) {
            return new Scores(replies.stream().mapToDouble(reply -> reply.ll().orElseThrow()).average().orElseThrow(),
                    replies.stream().mapToDouble(reply -> reply.mi().orElseThrow()).average().orElseThrow());
        }
    }

    /** Reads a file of distilled data whose candidates all have scores. */
    public static ScoredReplies read(Path file) throws IOException {
        return new ScoredReplies(DistilledFile.FORMAT.readAll(file));
    }

    /** The mean scores of all replies, which is what picking at random comes to. */
    public Scores mean() {
        return Scores.mean(contexts.stream().flatMap(context -> context.candidates().stream()).toList());
    }

    /** The mean scores of the replies that a retrieval model ranks first, one a context. */
    public Scores pickedBy(ModelFolder folder, Engine engine) throws IOException {
        List<String> texts = contexts.stream().flatMap(context -> context.candidates().stream()).map(Candidate::text)
                .distinct().toList();
        List<Candidate> picked = new ArrayList<>();
        try (RetrievalModel model = folder.load(engine)) {
            float[][] vectors = model.encodeReplies(texts, Progress.NONE);
            Map<String, float[]> byText = new HashMap<>();
            for (int i = 0; i < vectors.length; i++) byText.put(texts.get(i), vectors[i]);
            for (Distilled context : contexts) {
                List<Candidate> own = context.candidates();
                float[][] candidates = own.stream().map(reply -> byText.get(reply.text())).toArray(float[][]::new);
                picked.add(own.get(ScoredCase.best(model.score(context.context(), candidates))));
            }
        }
        return Scores.mean(picked);
    }
}
