package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What executes a model. */
class EngineOption {
    @Option(names = "--engine", paramLabel = "NAME", defaultValue = "auto",
            description = "What executes the model: simd (Retort's own kernels) or stock (ND4J). auto is simd where "
                    + "this CPU and JVM have vectors, stock elsewhere. Default: ${DEFAULT-VALUE}.")
    private String engine;

    @Mixin
    final ThreadOption threads = new ThreadOption();

    /** A new engine; its threads live as long as it does. */
    final Engine engine() {
        return switch (engine.toLowerCase(Locale.ROOT)) {
            case "auto" -> Engine.best(threads.count());
            case "simd" -> Engine.simd(threads.count());
            case "stock" -> Engine.stock();
            default -> throw BadInput.of("--engine " + engine, "use simd, stock or auto");
        };
    }
}
