package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.fetch.DefaultModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code retort eval} on the development data beside the checkout, against what sentence-transformers gives for the
 * same model and texts (bench/peers/ranking_eval.py --history 4).
 */
@Tag("slow")
class SentenceTransformersTest {
    private static final Path TESTS = Path.of("../shared/data/dev/ranking");

    @ParameterizedTest
    @CsvSource({"dailydialog_pp_dev, .6177, .9718, .7624, .8660", "empathetic_dev_100, .4220, .6240, .5235, .9021",
        "persona_dev_20, .3520, .7090, .5115, .8035"})
    void rankingMetricsAgreeWithinOneHundredth(String test, double hits1, double hits5, double mrr, double random)
            throws IOException {
        Path data = TESTS.resolve(test + ".jsonl.gz");
        assumeTrue(Files.exists(data), () -> data + " is not here: nothing was compared");
        JsonNode found = Run.json("eval", "-m", DefaultModel.folder().path(), "-d", data, "--history", "4", "--json");
        assertEquals(hits1, found.path("hits@1").asDouble(), 0.01);
        assertEquals(hits5, found.path("hits@5").asDouble(), 0.01);
        assertEquals(mrr, found.path("mrr").asDouble(), 0.01);
        assertEquals(random, found.path("pos>random").asDouble(), 0.01);
    }
}
