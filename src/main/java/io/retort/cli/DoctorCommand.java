package io.retort.cli;

import io.retort.graph.Engine;
import io.retort.model.CatalogEntry;
import io.retort.model.ModelCatalog;
import io.retort.model.ModelHome;
import io.retort.model.ModelPull;
import io.retort.simd.Kernels;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "doctor", mixinStandardHelpOptions = true,
        description = "Tells what runs here: JVM, search kernels, engine and backend, models.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Override
    public Integer call() throws java.io.IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("heap_max_mb", Runtime.getRuntime().maxMemory() >> 20);
        facts.put("search_kernels", Kernels.best().name());
        facts.put("engine", engine());
        facts.put("home", ModelHome.root().toString());
        Map<String, String> models = new LinkedHashMap<>();
        for (CatalogEntry entry : ModelCatalog.bundled().entries()) {
            models.put(entry.name(), ModelPull.isCurrent(entry, ModelHome.model(entry.name()))
                    ? "pulled"
                    : ModelPull.isLocal(entry) ? "in a local jar" : "to be downloaded");
        }
        facts.put(output.json ? "models" : "model", models);
        if (output.json) output.json(facts);
        else facts.forEach(this::print);
        return 0;
    }

    private void print(String name, Object value) {
        if (value instanceof Map<?, ?> several) several.forEach((key, each) -> print(name + " " + key, each));
        else output.line(String.format(Locale.ROOT, "%-26s %s", name, value));
    }

    private static String engine() {
        try {
            Engine engine = Engine.stock();
            return engine.name() + ": " + engine.description();
        } catch (ExceptionInInitializerError | NoClassDefFoundError | UnsatisfiedLinkError | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return "stock: ND4J does not start (" + cause + "); see docs/nd4j-notes.md for the natives of this CPU";
        }
    }
}
