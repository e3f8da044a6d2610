package io.retort.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.learn.RunConfig;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.SettingsCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the folder of a training run says of it in {@code training/config.json}: the settings of what is trained, and of
 * the runtime. Every version of Retort that wrote one can be read.
 *
 * @param task    settings of what is trained
 * @param runtime with which engine, on how many threads
 */
public record RunSettings(TaskSettings task, RuntimeSettings runtime) {
    private static final SettingsCodec<TrainSettings> TRAIN = SettingsCodec.of(TrainSettings.class);
    private static final SettingsCodec<TuneSettings> TUNE = SettingsCodec.of(TuneSettings.class);
    private static final SettingsCodec<RuntimeSettings> RUNTIME = SettingsCodec.of(RuntimeSettings.class);
    private static final String TASK = "task";

    /** What a run by these settings in this runtime keeps. */
    static RunSettings of(TaskSettings task, RetortRuntime runtime) {
        return new RunSettings(task, inUse(runtime));
    }

    /** The settings that ask for just this runtime. */
    static RuntimeSettings inUse(RetortRuntime runtime) {
        return new RuntimeSettings(RuntimeSettings.EngineChoice.valueOf(runtime.engineName().toUpperCase(Locale.ROOT)),
                runtime.threads());
    }

    /**
     * Reads the settings that a run's folder keeps.
     *
     * @throws BadInput if the folder holds no run, or its settings cannot be read
     */
    public static RunSettings read(Path folder) throws IOException {
        return of(RunConfig.read(folder), folder);
    }

    /**
     * Reads the settings of a run out of their JSON object.
     *
     * @param file told in errors
     */
    static RunSettings of(ObjectNode root, Path file) {
        ObjectNode task = root.deepCopy(), runtime = JsonNodeFactory.instance.objectNode();
        for (String key : RUNTIME.fields().keySet()) if (task.has(key)) runtime.set(key, task.remove(key));
        String name = task.path(TASK).asText(name(TaskSettings.Task.RETRIEVAL));
        TaskSettings settings;
        if (name.equals(name(TaskSettings.Task.RETRIEVAL))) settings = TRAIN.read(task, TRAIN.defaults(), file);
        else if (name.equals(name(TaskSettings.Task.GENERATOR))) settings = TUNE.read(task, TUNE.defaults(), file);
        else throw BadInput.in(file, "\"task\" is " + name, "use retrieval or generator");
        return new RunSettings(settings, RUNTIME.read(runtime, RUNTIME.defaults(), file));
    }

    private static String name(TaskSettings.Task task) {
        return task.name().toLowerCase(Locale.ROOT);
    }

    /** The settings of task and runtime as one JSON object. */
    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put(TASK, name(task.task()));
        root.setAll(RUNTIME.write(runtime));
        root.setAll(switch (task) {
            case TrainSettings train -> TRAIN.write(train);
            case TuneSettings tune -> TUNE.write(tune);
        });
        return root;
    }

    /** Keys of settings that change no result, and so may change when a run is resumed. */
    static Set<String> free() {
        Set<String> free = new TreeSet<>();
        for (SettingsCodec<?> codec : new SettingsCodec<?>[]{TRAIN, TUNE, RUNTIME}) {
            codec.fields().forEach((key, field) -> {
                if (!field.decides()) free.add(key);
            });
        }
        return free;
    }

    /**
     * What a run was begun with, as this version writes it. A run of version 0.1 says {@code auto} of an engine that
     * was chosen for the machine: the one that is chosen now may go on with it.
     *
     * @param begun what its folder says
     * @param now   with what it shall go on
     */
    static ObjectNode rewritten(ObjectNode begun, RunSettings now, Path file) {
        RunSettings then = of(begun, file);
        if (then.runtime.engine() != RuntimeSettings.EngineChoice.AUTO) return then.json();
        return new RunSettings(then.task, then.runtime.withEngine(now.runtime.engine())).json();
    }
}
