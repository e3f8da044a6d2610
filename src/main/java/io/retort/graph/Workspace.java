package io.retort.graph;

import io.retort.simd.Attention;
import io.retort.simd.ElementKernels;
import io.retort.simd.ElementRegisters;
import io.retort.simd.Gemm;
import io.retort.simd.HugePages;
import io.retort.simd.KernelSet;
import io.retort.simd.RowAttention;
import io.retort.simd.RowGroups;
import io.retort.simd.RowKernels;
import io.retort.simd.Scratch;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one run at a time: the arena that plans work on, as large as the largest so far, the scratch memory of
 * kernels, and plans' steps bound to both. One thread at a time.
 */
final class Workspace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

    private final Weights weights;
    private final WorkerPool pool;
    private final Gemm gemm;
    private final Attention attention;
    private final RowAttention rowAttention;
    private final RowKernels rowKernels;
    private final ElementKernels elementKernels;
    private final Scratch[] scratch;
    private final ElementRegisters[] registers;
    private final Map<Bound, List<Runnable>> bound = new LinkedHashMap<>(16, .75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bound, List<Runnable>> eldest) {
            return size() > PlanCache.PLANS;
        }
    };
    private final Map<Storage, RowGroups> rowGroups = new WeakHashMap<>();
    /** The memory of the inputs that are read in place, as of the last run. */
    private final Map<String, MemorySegment> inPlace = new HashMap<>();
    private int bindings;
    private Arena arena;
    private MemorySegment memory = MemorySegment.NULL;

    Workspace(Weights weights, WorkerPool pool) {
        this(weights, pool, KernelSet.best());
    }

    /** Creates a workspace whose steps run on these kernels, which can read the weights' packing. */
    Workspace(Weights weights, WorkerPool pool, KernelSet kernels) {
        this.weights = weights;
        this.pool = pool;
        this.gemm = new Gemm(kernels.matrices(), pool);
        this.attention = new Attention(kernels.matrices(), kernels.rows());
        this.rowAttention = new RowAttention(kernels.matrices(), kernels.rows());
        this.rowKernels = kernels.rows();
        this.elementKernels = kernels.elements();
        this.scratch = new Scratch[pool.threads()];
        this.registers = new ElementRegisters[pool.threads()];
        Arrays.setAll(scratch, slot -> new Scratch());
        Arrays.setAll(registers, slot -> new ElementRegisters());
    }

    /** Runs a plan and returns copies of its results. */
    List<Tensor> run(Plan plan, Map<String, Tensor> inputs) {
        steps(plan, inputs, 0, plan.steps().size());
        return results(plan, 0, plan.returned().size());
    }

    /**
     * Runs some of a plan's steps. Between two calls for one run the workspace must serve no other.
     *
     * @param inputs a value for each input that these steps are the first to need
     */
    void steps(Plan plan, Map<String, Tensor> inputs, int from, int to) {
        List<Runnable> tasks = tasks(plan, inputs);
        for (Plan.Feed feed : plan.feeds()) {
            Tensor input = inputs.get(feed.input());
            if (input != null && !feed.isInPlace()) ConstantMemory.copy(input, memory(feed.place()));
        }
        if (LOG.isTraceEnabled()) trace(plan, tasks, from, to);
        else for (Runnable task : tasks.subList(from, to)) task.run();
    }

    /** Copies some results of a plan: those from number {@code from} up to, not including, {@code to}. */
    List<Tensor> results(Plan plan, int from, int to) {
        return plan.returned().subList(from, to).stream().map(this::tensor).toList();
    }

    /** Runs the steps and logs the total time of each kind; set this class's logger to TRACE to see it. */
    private static void trace(Plan plan, List<Runnable> tasks, int from, int to) {
        Map<Operation, long[]> nanos = new LinkedHashMap<>();
        for (int i = from; i < to; i++) {
            long started = System.nanoTime();
            tasks.get(i).run();
            long[] sum = nanos.computeIfAbsent(plan.steps().get(i).operation(), operation -> new long[2]);
            sum[0] += System.nanoTime() - started;
            sum[1]++;
        }
        nanos.forEach((operation, sum) -> LOG.trace("{} us in {} x {}", sum[0] / 1000, sum[1], operation));
    }

    private Tensor tensor(Place place) {
        float[] floats = new float[Math.toIntExact(place.shape().size())];
        MemorySegment.ofArray(floats).copyFrom(memory(place));
        return Tensor.of(floats, place.shape().toArray());
    }

    private List<Runnable> tasks(Plan plan, Map<String, Tensor> inputs) {
        if (Float.BYTES * plan.elements() > memory.byteSize()) grow(plan);
        Bound key = new Bound(plan, findInPlace(plan, inputs));
        List<Runnable> tasks = bound.get(key);
        if (tasks == null) {
            bound.keySet().removeIf(Bound::isOver);
            tasks = plan.steps().stream().map(step -> step.binding().bind(this)).toList();
            bound.put(key, tasks);
            bindings++;
        }
        return tasks;
    }

    /** Notes and returns where the inputs lie that are read in place. */
    private List<MemorySegment> findInPlace(Plan plan, Map<String, Tensor> inputs) {
        List<MemorySegment> places = new ArrayList<>();
        for (Plan.Feed feed : plan.feeds()) {
            if (!feed.isInPlace()) continue;
            Tensor value = inputs.get(feed.input());
            if (value == null) { // of the other half of the run
                places.add(inPlace.get(feed.input()));
                continue;
            }
            MemorySegment there = value.data();
            if (value.type() != ElementType.F32 || !there.isNative()) {
                throw new IllegalArgumentException(feed.input() + " is read in place: F32 off the heap, not " + value);
            }
            inPlace.put(feed.input(), there);
            places.add(there);
        }
        return places;
    }

    /** Returns how often a plan was bound to memory so far. */
    int bindings() {
        return bindings;
    }

    /**
     * What tasks are bound to: a plan, and the memory of the inputs that it reads in place, so that two caches of one model
     * that take turns are each bound once.
     */
    private record Bound(Plan plan, List<MemorySegment> inPlace, List<MemorySegment.Scope> scopes) {
        Bound(Plan plan, List<MemorySegment> inPlace) {
            this(plan, inPlace, inPlace.stream().map(each -> each == null ? null : each.scope()).toList());
        }

        /** Whether some of the memory was freed. */
        boolean isOver() {
            for (MemorySegment.Scope scope : scopes) if (scope != null && !scope.isAlive()) return true;
            return false;
        }
    }

    private void grow(Plan plan) {
        bound.clear();
        memory = MemorySegment.NULL; // nothing is left to point to it if the allocation fails
        if (arena != null) arena.close();
        arena = Arena.ofShared();
        memory = HugePages.allocate(Float.BYTES * plan.elements(), arena);
    }

    /** Returns the bytes of native memory that the workspace holds. */
    long bytes() {
        long bytes = memory.byteSize() + gemm.bytes();
        for (Scratch each : scratch) bytes += each.bytes();
        return bytes;
    }

    // ---- what steps are bound to

    WorkerPool pool() {
        return pool;
    }

    Gemm gemm() {
        return gemm;
    }

    Attention attention() {
        return attention;
    }

    RowAttention rowAttention() {
        return rowAttention;
    }

    /**
     * Returns what the scan of a mask has found, kept under the place that stands for it until its plan is dropped.
     */
    RowGroups rowGroups(Place scan) {
        return rowGroups.computeIfAbsent(scan.storage(), storage -> new RowGroups());
    }

    RowKernels rowKernels() {
        return rowKernels;
    }

    /** Returns the scratch memory of one thread of the pool. */
    Scratch scratch(int slot) {
        return scratch[slot];
    }

    ElementKernels elementKernels() {
        return elementKernels;
    }

    /** Returns the registers in which one thread of the pool computes element-wise chains. */
    ElementRegisters registers(int slot) {
        return registers[slot];
    }

    /** Returns the whole memory of a place's storage. */
    MemorySegment storage(Place place) {
        if (place.storage() instanceof Storage.Buffer buffer) {
            return memory.asSlice(Float.BYTES * buffer.offset, Float.BYTES * buffer.elements);
        }
        if (place.storage() instanceof Storage.Fed(String input)) return inPlace.get(input);
        return weights.memory(place.storage());
    }

    /** Returns the memory of a dense place alone. */
    MemorySegment memory(Place place) {
        return storage(place).asSlice(0, Float.BYTES * place.shape().size());
    }

    MemorySegment[] memory(List<Place> places) {
        return places.stream().map(this::memory).toArray(MemorySegment[]::new);
    }

    Weights.Operand operand(Place place, boolean transposed) {
        return weights.operand(place, transposed);
    }

    @Override
    public void close() {
        bound.clear();
        gemm.close();
        for (Scratch each : scratch) each.close();
        if (arena != null) arena.close();
    }
}
