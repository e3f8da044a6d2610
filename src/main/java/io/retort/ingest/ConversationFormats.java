package io.retort.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.RecordFile;
import io.retort.files.BadInput;
import io.retort.ingest.Recognition.Confidence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The formats that are known, out of which a file's is found. Immutable. */
public final class ConversationFormats {
    /** The formats that come with Retort, one a line. */
    public static final ConversationFormats KNOWN = new ConversationFormats(List.of(
            new JsonFormat(new TurnsShape()),
            new JsonFormat(new MessagesShape()),
            new JsonFormat(new ShareGptShape()),
            new JsonFormat(new PairShape()),
            new RowsFormat(),
            new TableFormat("csv", "CSV", ",;|"),
            new TableFormat("tsv", "TSV", "\t"),
            new ParquetFormat(),
            new JsonFormat(new ParlaiShape()),
            new SlackExport(),
            new DiscordExport(),
            new DiscordTable(),
            new WhatsAppExport(),
            new PastedChat(),
            new ParlaiText(),
            new NumberedLines(),
            new Transcript(),
            new ReplyLines()));

    private static final int MOST_LINES = 10;

    private static final int MOST_FIELDS = 12;

    private final List<ConversationFormat> formats;

    private ConversationFormats(List<ConversationFormat> formats) {
        this.formats = List.copyOf(formats);
    }

    /** These formats and one more. */
    public ConversationFormats with(ConversationFormat format) {
        List<ConversationFormat> more = new ArrayList<>(formats);
        more.add(format);
        return new ConversationFormats(more);
    }

    /** All formats, in the order of the registry. */
    public List<ConversationFormat> all() {
        return formats;
    }

    /** The format that a setting names. */
    public Optional<ConversationFormat> named(String name) {
        return formats.stream().filter(format -> format.name().equalsIgnoreCase(name)).findFirst();
    }

    /**
     * Finds the format of a file by the beginning of its content.
     *
     * @throws Undecided if two formats are equally sure
     * @throws BadInput  if none knows it
     */
    ConversationFormat recognise(Sample sample) throws IOException {
        refuseMarkup(sample);
        Map<ConversationFormat, Recognition> sure = new LinkedHashMap<>();
        for (ConversationFormat format : formats) {
            Recognition recognition = format.recognise(sample);
            if (recognition.confidence() != Confidence.NONE) sure.put(format, recognition);
        }
        if (sure.isEmpty()) throw unknown(sample);
        Confidence most = sure.values().stream().map(Recognition::confidence).max(Comparator.naturalOrder()).get();
        sure.values().removeIf(recognition -> recognition.confidence() != most);
        if (sure.size() > 1) throw undecided(sample, sure);
        return sure.keySet().iterator().next();
    }

    /** Pages and XML would pass for lines of text; what is said in them cannot be told from the rest. */
    private static void refuseMarkup(Sample sample) {
        String first = sample.lines().stream().filter(line -> !line.isBlank()).findFirst().orElse("").strip()
                .toLowerCase(Locale.ROOT);
        String is = first.startsWith("<!doctype html") || first.startsWith("<html")
                ? "an HTML page"
                : first.startsWith("<?xml") ? "XML" : null;
        if (is == null) return;
        throw BadInput.in(sample.file(), "is " + is + ", in which talk cannot be told from the rest",
                "export the conversations as JSON, CSV or plain text");
    }

    private static Undecided undecided(Sample sample, Map<ConversationFormat, Recognition> sure) {
        List<String> reasons = new ArrayList<>();
        sure.forEach((format, recognition) -> reasons.add(format.title() + ", since it " + recognition.why()));
        return new Undecided(sample.file(), "format", "could be " + String.join(", or ", reasons),
                sure.keySet().stream().map(ConversationFormat::name).toList());
    }

    private BadInput unknown(Sample sample) throws IOException {
        if (sample.bytes().length == 0 || sample.isWhole() && sample.lines().stream().allMatch(String::isBlank)) {
            return BadInput.in(sample.file(), "is empty", "give a file of dialogues");
        }
        boolean isText = sample.json().opening() == JsonSample.Opening.NO_JSON
                && sample.lines().stream().limit(MOST_LINES).allMatch(line -> line.indexOf('\0') < 0);
        List<ObjectNode> records = sample.json().records();
        boolean isBroken = sample.json().opening() == JsonSample.Opening.OBJECT || sample.json().isLines()
                && sample.lines().stream().limit(1).anyMatch(line -> !JsonElements.isOneValue(line));
        if (!records.isEmpty() && !isBroken) {
            String fields = records.getFirst().properties().stream().limit(MOST_FIELDS)
                    .map(field -> "`" + field.getKey() + "`").collect(Collectors.joining(", "));
            String apart = sample.json().opening() == JsonSample.Opening.ARRAY
                    ? " (jq -c '.[]' takes a list apart)"
                    : "";
            return BadInput.atLine(sample.file(), 1,
                    "holds JSON with none of the fields `turns`, `messages`, `conversations` "
                            + "and their like; its first object has " + (fields.isEmpty() ? "no field" : fields),
                    "set \"columns\" to context=NAME,response=NAME of its fields, or give a file of conversations"
                            + apart);
        }
        // Our own reader says best what is wrong with a line of JSON, or what the first bytes are instead of text.
        if (!isText) RecordFile.sniff(sample.file());
        return BadInput.in(sample.file(),
                "holds no conversations in a form that is known here",
                "write {\"turns\": [{\"s\": speaker, \"t\": text}]} a line, or set \"format\" to one of "
                        + String.join(", ", formats.stream().map(ConversationFormat::name).toList()));
    }
}
