package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.reply.ResponderSettings;
import io.retort.reply.SearchSetup;
import io.retort.search.SearchMethod;
import io.retort.search.SearchPlan;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that say by which method searches run. */
final class SearchOptions {
    @Option(names = "--search", paramLabel = "METHOD", defaultValue = "auto",
            description = "exact scores every reply; screened first bounds all scores with a copy of the vectors in 8 "
                    + "bits, made in memory at the start, and scores what may be among the best; gpu copies the vectors "
                    + "to an NVIDIA card and searches there. All find the same, bit for bit. ann walks a graph of "
                    + "neighbours beside the index, which is made first where it is missing, and misses some of the best. "
                    + "auto takes what is faster of the exact: with many searches of a large index it screens, of a very large one it takes the "
                    + "card, if there is one that can. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String method = "auto";

    /** The plan that the option leads to for {@code rows} vectors that will be searched many times. */
    SearchPlan plan(int rows, int dims, RowFormat format, Kernels kernels) {
        return SearchSetup.asked(choice()).map(SearchPlan::of).orElseGet(
                () -> SearchPlan.auto(SearchMethod.forMany(rows, dims, kernels), rows, dims, format, SearchPlan.MANY));
    }

    /** The settings of a responder that is to search once or many times. */
    ResponderSettings settings(Searches searches) {
        return new ResponderSettings(choice(), searches);
    }

    private SearchChoice choice() {
        return switch (method.toLowerCase(Locale.ROOT)) {
            case "exact" -> SearchChoice.EXACT;
            case "screened" -> SearchChoice.SCREENED;
            case "gpu" -> SearchChoice.GPU;
            case "ann" -> SearchChoice.ANN;
            case "auto" -> SearchChoice.AUTO;
            default -> throw BadInput.of("--search " + method, "use ann, gpu, exact, screened or auto");
        };
    }
}
