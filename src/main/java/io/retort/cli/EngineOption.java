package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.graph.Engine;
import io.retort.runtime.RuntimeSettings;
import io.retort.runtime.RuntimeSettings.EngineChoice;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Option that says which engine executes a model. */
class EngineOption {
    @Option(names = "--engine", paramLabel = "NAME", defaultValue = "auto",
            description = "What executes the model: simd (Retort's own kernels) or stock (ND4J). auto is simd where "
                    + "this CPU and JVM have vectors, stock elsewhere. Default: ${DEFAULT-VALUE}.")
    private String engine = "auto";

    @Mixin
    final ThreadOption threads = new ThreadOption();

    /** The threads and the engine that all options of this command share; they are closed when it ends. */
    final ComputeRuntime runtime() {
        EngineChoice choice = switch (engine.toLowerCase(Locale.ROOT)) {
            case "auto" -> EngineChoice.AUTO;
            case "simd" -> EngineChoice.SIMD;
            case "stock" -> EngineChoice.STOCK;
            default -> throw BadInput.of("--engine " + engine, "use simd, stock or auto");
        };
        return CommandRuntime.of(new RuntimeSettings(choice, threads.count()));
    }

    /** The engine that the option asks for, out of {@link #runtime}. */
    final Engine engine() {
        return runtime().engine();
    }
}
