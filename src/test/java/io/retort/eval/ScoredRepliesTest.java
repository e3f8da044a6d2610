package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Origin;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoredRepliesTest {
    @TempDir
    Path folder;

    private static Candidate candidate(String text, double ll, double mi) {
        return new Candidate(text, Origin.GENERATED, OptionalDouble.of(ll), OptionalDouble.of(mi));
    }

    private static Distilled distilled(String id, String context, Candidate... candidates) {
        return new Distilled(id, Context.of(context), List.of(candidates), Map.of());
    }

    @Test
    void picksAreTheModelsAndScoresTheTeachers() throws IOException {
        ModelFolder model = TinyModel.biEncoder(folder.resolve("tiny"), 3);
        String liked;
        try (var open = model.load(Engine.stock())) {
            float[] scores = open.score(Context.of("hello"),
                    open.encodeReplies(List.of("tea", "the rain"), Progress.NONE));
            liked = scores[0] > scores[1] ? "tea" : "the rain";
        }
        Candidate better = candidate(liked, -1, 2);
        Candidate worse = candidate(liked.equals("tea") ? "the rain" : "tea", -3, 4);
        ScoredReplies replies = new ScoredReplies(List.of(distilled("a", "hello", worse, better),
                distilled("b", "yes", candidate("no", -5, 0))));
        assertEquals(new ScoredReplies.Scores(-3, 1), replies.pickedBy(model, Engine.stock()));
        assertEquals(new ScoredReplies.Scores(-3, 2), replies.mean());
    }

    @Test
    void candidatesWithoutScoresAreRefused() {
        Candidate plain = new Candidate("yes", Origin.ORIGINAL, OptionalDouble.empty(), OptionalDouble.empty());
        assertThrows(BadInput.class, () -> new ScoredReplies(List.of(distilled("a", "hello", plain))));
        assertThrows(BadInput.class, () -> new ScoredReplies(List.of()));
    }
}
