package io.retort.jobs;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.study.AcutePairings;
import io.retort.study.StudyForm;
import io.retort.study.StudyPlan;
import io.retort.study.StudyPlanFile;
import io.retort.study.StudyPlanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Plans a study: draws contexts, lets every system reply, and assigns items to judges; or takes pairings of ACUTE-Eval.
 * A plan that is there is kept, since votes may have been given for it: made of the same it is left as it is, else
 * refused. An object runs once.
 */
public final class StudyPlanJob {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> VALUES = new TypeReference<>() {
    };

    private final Path out;
    private final Consumer<String> news;

    /**
     * Prepares a plan; nothing is read or written yet.
     *
     * @param out  the file to write
     * @param news told in a sentence what is left out, and when something takes a while
     */
    public StudyPlanJob(Path out, Consumer<String> news) {
        if (out == null) throw new IllegalArgumentException("out is null");
        if (news == null) throw new IllegalArgumentException("news is null");
        this.out = out;
        this.news = news;
    }

    /**
     * A plan, and where it is.
     *
     * @param wasThere whether the file held this very plan already
     */
    public record Result(Path out, StudyPlan plan, boolean wasThere) {
    }

    /**
     * Plans a study of systems.
     *
     * @param progress counts what systems reply to
     * @throws BadInput       if a file or system cannot be used, or the file to write holds something else
     * @throws InvalidSetting if data or systems are missing
     */
    public Result run(StudyPlanSettings settings, RetortRuntime runtime, Progress progress) throws IOException {
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(), "name files with contexts");
        int least = settings.form().sides();
        InvalidSetting.unless(settings.system().size() >= least, "system", settings.system(),
                "name " + (least == 2 ? "two or more" : "one or more") + ", as in NAME=WHAT");
        StudyContexts.Drawn drawn = StudyContexts.draw(settings, news);
        ObjectNode origin = origin(settings, StudyPlanSettings.class, settings.data());
        int turns = settings.form().isOfChats() ? settings.turns() : 0;
        StudyReplies replies = new StudyReplies(runtime, turns, progress, news);
        SequencedMap<String, List<List<String>>> said = new LinkedHashMap<>();
        for (StudiedSystem system : settings.system()) {
            ObjectNode of = origin.withObject("/systems").putObject(system.name());
            said.put(system.name(), replies.of(system, drawn.judged(), of).said());
        }
        StudyPlanner planner = new StudyPlanner(settings.form(), settings.design().question(settings.form()),
                settings.design()::of, settings.design().seed());
        StudyPlanner.Planned planned = planner.plan(drawn.judged(), said, drawn.checks(), values(origin));
        if (planned.alike() > 0) {
            news.accept("contexts left out, since systems that are compared say the same: " + planned.alike());
        }
        return kept(planned.plan());
    }

    /**
     * Plans a study of pairings of ACUTE-Eval.
     *
     * @throws BadInput if a file cannot be used, or the file to write holds something else
     */
    public Result run(Path pairings, StudyDesignSettings settings) throws IOException {
        List<AcutePairings.Pairing> read = AcutePairings.read(pairings);
        if (read.stream().allMatch(pairing -> pairing.correct().isPresent()))
            throw BadInput.in(pairings, "has no pairing but those of onboarding", "add some");
        ObjectNode origin = origin(settings, StudyDesignSettings.class, List.of(pairings));
        return kept(new StudyPlanner(StudyForm.SELF_CHATS, settings.question(StudyForm.SELF_CHATS),
                settings::of, settings.seed()).plan(read, values(origin)));
    }

    /** Everything that decides a plan, by which it is known again. */
    private static <T extends Record> ObjectNode origin(T settings, Class<T> type, List<Path> files)
            throws IOException {
        ObjectNode origin = JsonNodeFactory.instance.objectNode();
        SettingsCodec<T> codec = SettingsCodec.of(type);
        origin.set("settings", codec.write(settings).retain(codec.deciding()));
        ObjectNode digests = origin.putObject("files");
        for (Path file : files) digests.put(file.toString(), Sha256.of(file));
        return origin;
    }

    private static Map<String, Object> values(ObjectNode origin) {
        return JSON.convertValue(origin, VALUES);
    }

    private Result kept(StudyPlan plan) throws IOException {
        if (!Files.exists(out)) {
            StudyPlanFile.write(out, plan);
            return new Result(out, plan, false);
        }
        StudyPlan there = StudyPlanFile.read(out);
        if (there.fingerprint().equals(plan.fingerprint())) return new Result(out, plan, true);
        throw BadInput.in(out, "is the plan of another study" + difference(there, plan).map(": "::concat).orElse(""),
                "use another \"out\"; votes may have been given for this one");
    }

    /** The first thing in which two plans were made otherwise. */
    private static Optional<String> difference(StudyPlan there, StudyPlan here) {
        Map<String, String> theirs = leaves("", JSON.valueToTree(there.origin()), new TreeMap<>());
        Map<String, String> ours = leaves("", JSON.valueToTree(here.origin()), new TreeMap<>());
        TreeMap<String, String> all = new TreeMap<>(theirs);
        all.putAll(ours);
        return all.keySet().stream().filter(name -> !theirs.getOrDefault(name, "").equals(ours.getOrDefault(name, "")))
                .findFirst().map(name -> {
                    String[] parts = name.split("/", 3);
                    return switch (parts[1]) {
                        case "files" -> parts[2] + " has changed since";
                        case "systems" -> "what system " + parts[2].split("/")[0] + " says has changed since";
                        default -> "its " + parts[2] + " was " + theirs.getOrDefault(name, "not set") + ", not "
                                + ours.getOrDefault(name, "set");
                    };
                });
    }

    private static Map<String, String> leaves(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject()) {
            // Paths of files have slashes as well: what is behind the second is taken as it is.
            node.properties().forEach(each -> leaves(path + "/" + each.getKey(), each.getValue(), into));
        } else {
            into.put(path, node.toString());
        }
        return into;
    }
}
