package io.retort.cli;

import io.retort.files.BadInput;
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

    /** What the option says of so many vectors that will be searched many times, or once. */
    SearchMethod method(int rows, int dims, Kernels kernels, boolean many) {
        return switch (method.toLowerCase(Locale.ROOT)) {
            case "exact" -> SearchMethod.EXACT;
            case "screened" -> SearchMethod.SCREENED;
            case "auto" -> many ? SearchMethod.forMany(rows, dims, kernels) : SearchMethod.EXACT;
            default -> throw BadInput.of("--search " + method, "use exact, screened or auto");
        };
    }
}
