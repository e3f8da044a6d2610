package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.reply.ResponderSettings;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How searches run. */
final class SearchOptions {
    @Option(names = "--search", paramLabel = "METHOD", defaultValue = "auto",
            description = "exact scores every reply; screened first bounds all scores with a copy of the vectors in 8 "
                    + "bits, made in memory at the start, and scores what may be among the best. Both find the same, "
                    + "bit for bit. auto screens where that is faster: many searches, large index. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String method;

    /** What the option says of so many vectors that will be searched many times. */
    SearchMethod method(int rows, int dims, Kernels kernels) {
        return switch (choice()) {
            case EXACT -> SearchMethod.EXACT;
            case SCREENED -> SearchMethod.SCREENED;
            case AUTO -> SearchMethod.forMany(rows, dims, kernels);
        };
    }

    /** How a responder searches, once or many times. */
    ResponderSettings settings(Searches searches) {
        return new ResponderSettings(choice(), searches);
    }

    private SearchChoice choice() {
        return switch (method.toLowerCase(Locale.ROOT)) {
            case "exact" -> SearchChoice.EXACT;
            case "screened" -> SearchChoice.SCREENED;
            case "auto" -> SearchChoice.AUTO;
            default -> throw BadInput.of("--search " + method, "use exact, screened or auto");
        };
    }
}
