package io.retort.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingField;
import io.retort.settings.SettingType;
import io.retort.settings.SettingsFile;
import io.retort.settings.SettingsCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/**
 * The options of a command that are settings of jobs. Their names, help and defaults are those of the settings records;
 * {@code --config} names a file of them, and {@code --print-config} shows what came of defaults, file and options, of
 * which the later ones win.
 *
 * <p>A command that has such options is {@link Configured}, and says so to picocli by {@code modelTransformer =
 * SettingsOptions.Added.class}. Several records may have a setting of the same key: it is one option then.
 */
final class SettingsOptions {
    private static final Map<String, String> SHORT = Map.of("data", "-d", "model", "-m", "threads", "-t", "index",
            "-i", "replies", "-n", "dialogues", "-n");
    /**
     * Keys of the lists of which every element has an option of its own, since an element may look like anything, even
     * an option, or files may stand behind it.
     */
    private static final Set<String> ONE_BY_ONE = Set.of("persona", "speaker", "languages", "personal-kinds", "choice");
    private static final String CONFIG = "--config";
    private static final String PRINT = "--print-config";
    private static final Pattern SET_TO = Pattern.compile("set \"([a-z0-9-]+)\" to ");
    private static final Pattern KEY = Pattern.compile("(?<!did you mean )\"([a-z0-9-]+)\"");

    private final List<Part> parts = new ArrayList<>();
    private final Set<String> basic = new LinkedHashSet<>();
    private CommandSpec spec;

    /** One record's settings, with what its options have in common, such as "A generator"; empty for nothing. */
    private record Part(String label, SettingsCodec<?> codec) {
    }

    /** A command that takes its options from settings records. */
    interface Configured {
        SettingsOptions settings();
    }

    /** Adds the options of a command's settings to those that picocli finds by itself. */
    static final class Added implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec spec) {
            if (spec.userObject() instanceof Configured command) command.settings().addTo(spec);
            return spec;
        }
    }

    /** Makes the options for the settings of some records. */
    @SafeVarargs
    static SettingsOptions of(Class<? extends Record>... types) {
        SettingsOptions options = new SettingsOptions();
        for (Class<? extends Record> type : types) options.and("", type);
        return options;
    }

    /**
     * Adds the options for the settings of another record.
     *
     * @param label what these options are told to be for, where not all of the records have them
     */
    SettingsOptions and(String label, Class<? extends Record> type) {
        parts.add(new Part(label, SettingsCodec.of(type)));
        return this;
    }

    /** Names the settings that most people need, by their keys; the help tells of the others separately. */
    SettingsOptions basic(String... keys) {
        basic.addAll(List.of(keys));
        return this;
    }

    /** Whether few people need an option of a setting, such as {@code --seed}. */
    boolean isAdvanced(String option) {
        String key = option.replaceFirst("^--", "");
        return !basic.isEmpty() && !basic.contains(key)
                && parts.stream().anyMatch(part -> part.codec.fields().containsKey(key));
    }

    private void addTo(CommandSpec command) {
        spec = command;
        Map<String, List<Part>> owners = new LinkedHashMap<>();
        for (Part part : parts) {
            for (String key : part.codec.fields().keySet()) {
                owners.computeIfAbsent(key, _ -> new ArrayList<>()).add(part);
            }
        }
        owners.forEach((key, having) -> command.addOption(option(key, having)));
        command.addOption(OptionSpec.builder(CONFIG).paramLabel("FILE").type(Path.class).description(
                "Settings, a JSON object whose keys are options without dashes; options given beside it win.")
                .build());
        command.addOption(OptionSpec.builder(PRINT).type(boolean.class)
                .description("Print the effective settings and stop.").build());
    }

    private OptionSpec option(String key, List<Part> having) {
        SettingField field = having.getFirst().codec.fields().get(key);
        SettingType type = field.type();
        String name = "--" + key;
        OptionSpec.Builder option = SHORT.containsKey(key)
                ? OptionSpec.builder(SHORT.get(key), name)
                : OptionSpec.builder(name);
        option.description(description(key, having).replace("%", "%%"));
        // Settings of a stage are too many to be listed: the stage's own command tells of them.
        option.hidden(!field.prefix().isEmpty());
        if (type.isFlag()) {
            boolean isOn = Boolean.TRUE.equals(field.of(having.getFirst().codec.defaults()));
            // A switch that is on unless it is told otherwise must be able to be told so.
            if (isOn) option.arity("0..1").fallbackValue("true").paramLabel(field.setting().label());
            return option.type(boolean.class).build();
        }
        option.paramLabel(field.setting().label()).converters(text -> converted(type, text));
        if (!type.isList()) return option.type(type.element()).build();
        if (type.isSeparated()) option.splitRegex(",");
        return option.type(List.class).auxiliaryTypes(type.element()).arity(ONE_BY_ONE.contains(key) ? "1" : "1..*")
                .build();
    }

    private static Object converted(SettingType type, String text) {
        try {
            return type.parse(text);
        } catch (BadInput | IllegalArgumentException e) {
            throw new TypeConversionException(type.element().isEnum()
                    ? "expected one of " + Arrays.toString(type.element().getEnumConstants()) + " but was '" + text
                            + "'"
                    : e.getMessage());
        }
    }

    /** Describes what an option means to each of the records, once where it means the same to all. */
    private String description(String key, List<Part> having) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Part part : having) {
            labels.merge(described(key, part.codec), part.label, (one, other) -> one + " or " + other);
        }
        if (labels.size() == 1 && having.size() == parts.stream().filter(part -> !part.label.isEmpty()).count()) {
            return labels.keySet().iterator().next();
        }
        return labels.entrySet().stream()
                .map(entry -> (entry.getValue().isEmpty() ? "" : entry.getValue() + ": ") + entry.getKey())
                .collect(Collectors.joining(" "));
    }

    private static <T extends Record> String described(String key, SettingsCodec<T> codec) {
        SettingField field = codec.fields().get(key);
        StringBuilder text = new StringBuilder(field.setting().value());
        List<String> names = field.type().names();
        if (!names.stream().allMatch(field.setting().value()::contains)) {
            text.append(" One of ").append(String.join(", ", names)).append('.');
        }
        String usual = usual(field, codec.defaults());
        if (!usual.isEmpty()) text.append(" Default: ").append(usual).append('.');
        return text.toString();
    }

    /** A setting's default as the help tells it; empty if there is none, and for a flag, which is off. */
    private static String usual(SettingField field, Record defaults) {
        if (!field.setting().defaultText().isEmpty()) return field.setting().defaultText();
        return switch (field.of(defaults)) {
            case null -> "";
            case Boolean flag -> flag ? "on" : "";
            case Optional<?> optional -> optional.map(SettingType::text).orElse("");
            case List<?> list -> list.stream().map(SettingType::text).collect(Collectors.joining(","));
            case Double number when number == Math.rint(number) && Math.abs(number) < 1e9 ->
                Long.toString(number.longValue());
            case Double number -> number.toString().replace(".0E", "e").replace("E", "e");
            case Object value -> SettingType.text(value);
        };
    }

    /**
     * Reads the settings of a record: its defaults, over them what the file says, and over both what the options say.
     *
     * @throws BadInput           if the file has a key that no record has, or a value that its setting does not take
     * @throws ParameterException if the record refuses what an option says
     */
    <T extends Record> T get(Class<T> type) throws IOException {
        SettingsCodec<T> codec = SettingsCodec.of(type);
        Map<String, Object> values = inFile(codec), given = given(codec);
        values.putAll(given);
        try {
            return codec.with(codec.defaults(), values);
        } catch (InvalidSetting e) {
            String key = codec.key(e);
            if (values.containsKey(key) && !given.containsKey(key)) {
                throw BadInput.in(file().orElseThrow(), "\"" + key + "\" is " + e.value(), e.remedy()).causedBy(e);
            }
            throw new ParameterException(spec.commandLine(), inOptions(e, spec), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Optional<Path> file() {
        return Optional.ofNullable(spec.findOption(CONFIG).getValue());
    }

    private Map<String, Object> inFile(SettingsCodec<?> codec) throws IOException {
        if (file().isEmpty()) return new LinkedHashMap<>();
        Path file = file().get();
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> entry : SettingsFile.read(file).properties()) {
            String key = entry.getKey();
            if (parts.stream().noneMatch(part -> part.codec.knows(key))) throw unknown(file, key);
            boolean isAnothers = !codec.fields().containsKey(key)
                    && parts.stream().anyMatch(part -> part.codec.fields().containsKey(key));
            if (!isAnothers && codec.knows(key)) own.set(key, entry.getValue());
        }
        return codec.values(own, file);
    }

    private BadInput unknown(Path file, String key) {
        Set<String> keys = new LinkedHashSet<>();
        for (Part part : parts) keys.addAll(part.codec.fields().keySet());
        return BadInput.in(file, "unknown key \"" + key + "\"", SettingsCodec.nearest(key, keys)
                .map(name -> "did you mean \"" + name + "\"?").orElse(PRINT + " shows all"));
    }

    /** The values that the command line gives, by the settings' keys. */
    private Map<String, Object> given(SettingsCodec<?> codec) {
        Map<String, Object> given = new LinkedHashMap<>();
        codec.fields().forEach((key, field) -> {
            OptionSpec option = spec.findOption("--" + key);
            if (!isGiven(option)) return;
            Object value = option.getValue();
            given.put(key, field.type().component(value instanceof List<?> list ? list : List.of(value)));
        });
        return given;
    }

    private boolean isGiven(OptionSpec option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Whether the command line gives a setting, whatever the file says. */
    boolean isGiven(String key) {
        return isGiven(spec.findOption("--" + key));
    }

    /** Prints the effective settings of some records as one JSON object, if that is all that is wanted. */
    @SafeVarargs
    final boolean printed(Output output, Class<? extends Record>... types) throws IOException {
        boolean wanted = isGiven(spec.findOption(PRINT));
        if (!wanted) return false;
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        for (Class<? extends Record> type : types) all.setAll(effective(type));
        output.line(all.toPrettyString());
        return true;
    }

    private <T extends Record> ObjectNode effective(Class<T> type) throws IOException {
        return SettingsCodec.of(type).write(get(type));
    }

    /** The message of a refused setting, which calls it by its option on the command line. */
    static String inOptions(InvalidSetting e, CommandSpec command) {
        return "--" + key(e, command) + " " + (e.value().equals("missing") ? "is " : "") + e.value() + "; "
                + inOptions(e.remedy(), command);
    }

    private static String key(InvalidSetting e, CommandSpec command) {
        return command.userObject() instanceof Configured configured
                ? configured.settings().parts.stream().map(part -> part.codec.key(e)).filter(
                        key -> command.findOption("--" + key) != null).findFirst().orElse(e.parameter())
                : e.parameter();
    }

    /**
     * A message of the library, which names settings by their keys in quotes, in words of the command line. Only the
     * remedy is changed, which stands after the last semicolon: before it the quotes may be those of a file.
     */
    static String inOptions(String message, CommandSpec command) {
        int at = message.lastIndexOf("; ") + 1;
        String remedy = replaced(SET_TO, message.substring(at), "use --%s ", command);
        return message.substring(0, at) + replaced(KEY, remedy, "--%s", command);
    }

    private static String replaced(Pattern pattern, String text, String format, CommandSpec command) {
        return pattern.matcher(text).replaceAll(match -> Matcher.quoteReplacement(
                command.findOption("--" + match.group(1)) == null ? match.group() : format.formatted(match.group(1))));
    }
}
