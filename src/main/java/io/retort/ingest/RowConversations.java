package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.files.WhiteSpace;
import io.retort.ingest.ColumnNames.Found;
import io.retort.ingest.Columns.Role;
import it.unimi.dsi.fastutil.HashCommon;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The dialogues of a table with a turn or an exchange in each row. Rows of one conversation usually stand together and
 * are read as they come; where they do not, all rows are gathered in memory first, if they fit.
 */
final class RowConversations implements Conversations {
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";

    private final Source source;
    private final Found columns;
    private final Rows rows;
    private Iterator<List<Said>> gathered;
    private List<Said> open = new ArrayList<>();
    private String openId;
    private boolean atEnd;

    /** One turn with where it stands and when it was said. */
    private record Said(String id, String speaker, String text, String time, long line) {}

    RowConversations(Source source, Rows.Table table) throws IOException {
        this.source = source;
        this.rows = table.open();
        try {
            this.columns = new ColumnNames(rows.names()).find(source.file(), source.settings().columns());
            source.detail(columns.isExchanges() ? columns.told() : "a turn in each row, " + columns.told());
            if (!columns.isExchanges() && columns.columns().containsKey(Role.ID) && isInterleaved(table)) {
                this.gathered = gather();
            }
        } catch (IOException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /** Whether a conversation goes on after another one has begun. */
    private boolean isInterleaved(Rows.Table table) throws IOException {
        LongOpenHashSet seen = new LongOpenHashSet();
        String last = null;
        try (Rows all = table.open()) {
            while (true) {
                Rows.Row row;
                try {
                    row = all.next();
                } catch (BadRecord e) {
                    continue; // It is told when the row is read for good.
                }
                if (row == null) return false;
                String id = row.get(columns.columns().get(Role.ID));
                if (id == null || id.equals(last)) continue;
                if (!seen.add(hash(id))) return true;
                last = id;
            }
        }
    }

    private static long hash(String id) {
        long hash = 0;
        for (int i = 0; i < id.length(); i++) hash = HashCommon.murmurHash3(hash + id.charAt(i) + 1);
        return hash;
    }

    private Iterator<List<Said>> gather() throws IOException {
        Map<String, List<Said>> all = new LinkedHashMap<>();
        long room = Runtime.getRuntime().maxMemory() / 4;
        long skipped = 0;
        while (true) {
            Said said;
            try {
                said = said();
            } catch (BadRecord e) {
                if (++skipped > source.settings().skipBad().orElse(0L)) throw e;
                source.leaveOut("broken rows", 1);
                continue;
            }
            if (said == null) break;
            room -= 160 + 2L * (said.text.length() + said.speaker.length());
            if (room < 0) {
                throw BadInput.atLine(source.file(), said.line, "rows of conversation `" + said.id + "` stand apart, "
                        + "and the table is too large to be put in order in memory",
                        "sort it by `" + columns.columns().get(Role.ID) + "`");
            }
            all.computeIfAbsent(said.id, _ -> new ArrayList<>()).add(said);
        }
        source.note("conversations were gathered from rows that stand apart", all.size());
        return all.values().iterator();
    }

    @Override
    public Dialogue next() throws IOException {
        if (columns.isExchanges()) return exchange();
        while (gathered != null && gathered.hasNext()) return dialogue(gathered.next());
        if (gathered != null) return null;
        while (!atEnd) {
            Said said = said();
            atEnd = said == null;
            boolean goesOn = said != null && (open.isEmpty() || said.id.equals(openId));
            List<Said> done = open;
            if (!goesOn) open = new ArrayList<>();
            if (said != null) {
                open.add(said);
                openId = said.id;
            }
            if (!goesOn && !done.isEmpty()) return dialogue(done);
        }
        return null;
    }

    private Dialogue exchange() throws IOException {
        for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
            String context = row.get(columns.columns().get(Role.CONTEXT));
            String response = row.get(columns.columns().get(Role.RESPONSE));
            if (isEmpty(context) || isEmpty(response)) {
                source.leaveOut("rows whose context or response is empty", 1);
                continue;
            }
            return new Dialogue(source.idAt(row.line()), "",
                    List.of(new Turn(USER, context), new Turn(ASSISTANT, response)));
        }
        return null;
    }

    /** The next row that says something; null at the end. */
    private Said said() throws IOException {
        for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
            String text = row.get(columns.columns().get(Role.TEXT));
            if (isEmpty(text)) {
                source.leaveOut("turns without a text", 1);
                continue;
            }
            String id = value(row, Role.ID, "");
            if (columns.columns().containsKey(Role.ID) && isEmpty(id)) {
                throw source.bad(row.line(), "says not which conversation it is of: `"
                        + columns.columns().get(Role.ID) + "` is empty", "give it one");
            }
            String speaker = value(row, Role.SPEAKER, "");
            if (columns.columns().containsKey(Role.SPEAKER) && isEmpty(speaker)) {
                throw source.bad(row.line(), "has no speaker: `" + columns.columns().get(Role.SPEAKER) + "` is empty",
                        "give it one");
            }
            return new Said(id, speaker, text, value(row, Role.TIME, ""), row.line());
        }
        return null;
    }

    private String value(Rows.Row row, Role role, String absent) {
        String column = columns.columns().get(role);
        String value = column == null ? null : row.get(column);
        return value == null ? absent : WhiteSpace.strip(value);
    }

    private static boolean isEmpty(String value) {
        return value == null || WhiteSpace.isBlank(value);
    }

    private Dialogue dialogue(List<Said> rows) {
        List<Said> inOrder = columns.columns().containsKey(Role.TIME) ? byTime(rows) : rows;
        List<Turn> turns = new ArrayList<>();
        for (Said said : inOrder) {
            String inTurn = turns.size() % 2 == 0 ? "A" : "B";
            turns.add(new Turn(columns.columns().containsKey(Role.SPEAKER) ? said.speaker : inTurn, said.text));
        }
        String id = rows.getFirst().id;
        return new Dialogue(id.isEmpty() ? source.idAt(rows.getFirst().line) : id, "", turns);
    }

    private List<Said> byTime(List<Said> rows) {
        double[] times = new double[rows.size()];
        for (int i = 0; i < times.length; i++) {
            OptionalDouble time = time(rows.get(i).time);
            if (time.isEmpty()) {
                source.note("dialogues whose times are unclear stay in the order of the file", 1);
                return rows;
            }
            times[i] = time.getAsDouble();
        }
        boolean isInOrder = true;
        for (int i = 1; i < times.length; i++) isInOrder &= times[i - 1] <= times[i];
        if (isInOrder) return rows;
        source.note("dialogues were put in the order of their times", 1);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < times.length; i++) order.add(i);
        order.sort(Comparator.comparingDouble(place -> times[place]));
        return order.stream().map(rows::get).toList();
    }

    /** A time as seconds or as a count; only what can be understood in one way. */
    private static OptionalDouble time(String text) {
        if (text.matches("\\d{1,19}(\\.\\d{1,9})?")) return OptionalDouble.of(Double.parseDouble(text));
        if (!text.matches("\\d{4}-\\d\\d-\\d\\d[T ].{4,30}")) return OptionalDouble.empty();
        String iso = text.substring(0, 10) + "T" + text.substring(11).replace(" ", "");
        try {
            return OptionalDouble.of(seconds(OffsetDateTime.parse(iso)));
        } catch (DateTimeParseException e) {
            try {
                return OptionalDouble.of(seconds(LocalDateTime.parse(iso).atOffset(ZoneOffset.UTC)));
            } catch (DateTimeParseException f) {
                return OptionalDouble.empty();
            }
        }
    }

    private static double seconds(OffsetDateTime time) {
        return time.toEpochSecond() + time.getNano() / 1e9;
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
