package io.retort.search;

import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.apache.lucene.util.hnsw.HnswGraph;

/**
 * A graph of near neighbours among the rows of an index, in memory or in a file beside the index.
 *
 * <pre>
 *   0  8  magic "RETORTHN"            16  4  count of rows       28  4  float32: the share of the best that is found
 *   8  4  version: 1                  20  4  the row to begin at 32 32  SHA-256 of the index (its fingerprint)
 *  12  4  levels, 1 to 64             24  4  most neighbours, above the lowest level
 *  64     for each level, from the lowest: u64 nodes, u64 neighbours, u64 [nodes + 1] offsets into the neighbours,
 *         u32 [nodes] rows, ascending, u32 [neighbours] rows; padded with zeros to a multiple of 8
 *         u32 CRC32C of all bytes before
 * </pre>
 *
 * <p>What is read is checked when it is used, too. Any thread may read; each walks by a {@link #walk} of its own.
 */
final class HnswFile {
    static final byte[] MAGIC = "RETORTHN".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final int VERSION = 1, MOST_LEVELS = 64, HEADER_BYTES = 64;
    private static final String REMAKE = "delete it, and it is made anew";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final MemorySegment data;
    private final Level[] levels;

    private HnswFile(String name, MemorySegment data, Level[] levels) {
        this.name = name;
        this.data = data;
        this.levels = levels;
    }

    /** Where the parts of a level lie. */
    private record Level(long nodes, long offsets, long rows, long neighbours, long neighbourCount) {
        static Level at(long start, long nodes, long neighbours) {
            long offsets = start + 16, rows = offsets + Long.BYTES * (nodes + 1);
            return new Level(nodes, offsets, rows, rows + Integer.BYTES * nodes, neighbours);
        }

        long end() {
            return neighbours + Integer.BYTES * neighbourCount + 7 & -8;
        }
    }

    /** The file of the graph of an index. */
    static Path beside(Path index) {
        return index.resolveSibling(index.getFileName() + ".hnsw");
    }

    /**
     * Lays a graph out in memory.
     *
     * @param fingerprint of the index, in hex
     */
    static HnswFile of(HnswGraph graph, int count, String fingerprint, Arena arena) throws IOException {
        Level[] levels = new Level[graph.numLevels()];
        int[][] rows = new int[levels.length][];
        long at = HEADER_BYTES;
        for (int l = 0; l < levels.length; l++) {
            rows[l] = HnswGraph.NodesIterator.getSortedNodes(graph.getNodesOnLevel(l));
            long neighbours = 0;
            for (int row : rows[l]) {
                graph.seek(l, row);
                while (graph.nextNeighbor() < count) neighbours++;
            }
            levels[l] = Level.at(at, rows[l].length, neighbours);
            at = levels[l].end();
        }
        MemorySegment data = arena.allocate(at + Integer.BYTES, 64);
        MemorySegment.copy(MAGIC, 0, data, ValueLayout.JAVA_BYTE, 0, MAGIC.length);
        data.set(INT, 8, VERSION);
        data.set(INT, 12, levels.length);
        data.set(INT, 16, count);
        data.set(INT, 20, graph.entryNode());
        data.set(INT, 24, graph.maxConn());
        MemorySegment.copy(HexFormat.of().parseHex(fingerprint), 0, data, ValueLayout.JAVA_BYTE, 32, 32);
        for (int l = 0; l < levels.length; l++) fill(data, levels[l], graph, l, rows[l], count);
        return new HnswFile("the graph of neighbours", data, levels);
    }

    private static void fill(MemorySegment data, Level level, HnswGraph graph, int number, int[] rows, int count)
            throws IOException {
        data.set(LONG, level.offsets - 16, level.nodes);
        data.set(LONG, level.offsets - 8, level.neighbourCount);
        long next = 0;
        for (int n = 0; n < rows.length; n++) {
            data.set(LONG, level.offsets + 8L * n, next);
            data.set(INT, level.rows + 4L * n, rows[n]);
            graph.seek(number, rows[n]);
            for (int to = graph.nextNeighbor(); to < count; to = graph.nextNeighbor()) {
                data.set(INT, level.neighbours + 4 * next++, to);
            }
        }
        data.set(LONG, level.offsets + 8L * rows.length, next);
    }

    /** Notes the share of the best rows that walks of this graph find. */
    void noteRecall(float recall) {
        data.set(FLOAT, 28, recall);
    }

    float recall() {
        return data.get(FLOAT, 28);
    }

    /** Whether the graph is of an index with this fingerprint and so many rows. */
    boolean isOf(String fingerprint, int count) {
        byte[] its = data.asSlice(32, 32).toArray(ValueLayout.JAVA_BYTE);
        return HexFormat.of().formatHex(its).equals(fingerprint) && data.get(INT, 16) == count;
    }

    /** Writes the graph; the file appears whole or not at all. */
    void write(Path file) throws IOException {
        long end = data.byteSize() - Integer.BYTES;
        data.set(INT, end, checksum(data, end));
        try (AtomicFile out = AtomicFile.create(file)) {
            for (long at = 0; at < data.byteSize();) {
                ByteBuffer piece = data.asSlice(at, Math.min(1 << 26, data.byteSize() - at)).asByteBuffer();
                at += out.channel().write(piece, at);
            }
            out.commit();
        }
    }

    private static int checksum(MemorySegment data, long end) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < end; at += 1 << 26)
            crc.update(data.asSlice(at, Math.min(1 << 26, end - at)).asByteBuffer());
        return (int) crc.getValue();
    }

    /**
     * Maps a file and checks every byte of it.
     *
     * @throws BadInput if it is cut, altered or of another kind
     */
    static HnswFile open(Path file, Arena arena) throws IOException {
        MemorySegment data;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        long end = data.byteSize() - Integer.BYTES;
        if (end < HEADER_BYTES || data.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) >= 0) {
            throw BadInput.atOffset(file, 0, "this is no graph of neighbours", REMAKE);
        }
        if (data.get(INT, 8) != VERSION) {
            throw BadInput.atOffset(file, 8, "format version " + data.get(INT, 8) + ", this Retort reads " + VERSION,
                    REMAKE);
        }
        if (data.get(INT, end) != checksum(data, end)) {
            throw BadInput.atOffset(file, 0, "the graph is damaged", REMAKE);
        }
        int levels = data.get(INT, 12), count = data.get(INT, 16), entry = data.get(INT, 20);
        float recall = data.get(FLOAT, 28);
        if (levels < 1 || levels > MOST_LEVELS || count < 1 || entry < 0 || entry >= count
                || !(recall > 0 && recall < 1)) {
            throw BadInput.atOffset(file, 12, "the header makes no sense", REMAKE);
        }
        return new HnswFile(file.toString(), data, levels(file, data, levels, count, end));
    }

    private static Level[] levels(Path file, MemorySegment data, int number, int count, long end) {
        Level[] levels = new Level[number];
        long at = HEADER_BYTES;
        for (int l = 0; l < number; l++) {
            long nodes = at + 16 <= end ? data.get(LONG, at) : -1;
            long neighbours = at + 16 <= end ? data.get(LONG, at + 8) : -1;
            boolean fits = nodes >= 1 && nodes <= count && (l > 0 || nodes == count) && neighbours >= 0
                    && neighbours <= end / Integer.BYTES;
            if (fits) levels[l] = Level.at(at, nodes, neighbours);
            if (!fits || levels[l].end() > end)
                throw BadInput.atOffset(file, at, "level " + l + " does not fit", REMAKE);
            at = levels[l].end();
        }
        if (at != end) throw BadInput.atOffset(file, at, (end - at) + " bytes too many", REMAKE);
        return levels;
    }

    /** A way through the graph, for one thread. */
    HnswGraph walk() {
        return new Walk();
    }

    private final class Walk extends HnswGraph {
        private final int count = data.get(INT, 16);
        private long next, end;
        private Level level;

        @Override
        public void seek(int number, int row) {
            level = levels[number];
            long place = number == 0 ? row : place(row);
            next = data.get(LONG, level.offsets + 8 * place);
            end = data.get(LONG, level.offsets + 8 * place + 8);
            if (next < 0 || end < next || end > level.neighbourCount) throw damaged("the neighbours of row " + row);
        }

        private long place(int row) {
            long low = 0, high = level.nodes - 1;
            while (low <= high) {
                long middle = low + high >>> 1;
                int its = data.get(INT, level.rows + 4 * middle);
                if (its == row) return middle;
                if (its < row) low = middle + 1;
                else high = middle - 1;
            }
            throw damaged("row " + row + ", which a neighbour names,");
        }

        private BadInput damaged(String what) {
            return BadInput.of(name + ": " + what + " lies outside its level", REMAKE);
        }

        @Override
        public int nextNeighbor() {
            if (next == end) return org.apache.lucene.search.DocIdSetIterator.NO_MORE_DOCS;
            int row = data.get(INT, level.neighbours + 4 * next++);
            if (row < 0 || row >= count) throw damaged("row " + row);
            return row;
        }

        @Override
        public int neighborCount() {
            return (int) (end - next);
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public int numLevels() {
            return levels.length;
        }

        @Override
        public int maxConn() {
            return data.get(INT, 24);
        }

        @Override
        public int entryNode() {
            return data.get(INT, 20);
        }

        @Override
        public NodesIterator getNodesOnLevel(int number) {
            Level its = levels[number];
            int[] rows = new int[Math.toIntExact(its.nodes)];
            for (int n = 0; n < rows.length; n++) rows[n] = data.get(INT, its.rows + 4L * n);
            return new ArrayNodesIterator(rows, rows.length);
        }
    }
}
