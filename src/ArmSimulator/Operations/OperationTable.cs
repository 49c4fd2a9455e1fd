namespace Vnetcni.ArmSimulator.Operations;

/// <summary>Operations that can be polled: all that run, and the last finished ones.</summary>
internal sealed class OperationTable(int finishedKept)
{
    private readonly Dictionary<Guid, Operation> _all = [];
    private readonly Queue<Guid> _finished = new();

    public Operation? Find(string id) => Guid.TryParse(id, out var guid) ? _all.GetValueOrDefault(guid) : null;

    public void Add(Operation operation) => _all.Add(operation.Id, operation);

    public void Finish(Operation operation)
    {
        operation.Timer?.Dispose();
        operation.Timer = null;
        _finished.Enqueue(operation.Id);
        while (_finished.Count > finishedKept)
            _all.Remove(_finished.Dequeue());
    }

    public void DisposeTimers()
    {
        foreach (var operation in _all.Values)
            operation.Timer?.Dispose();
    }
}
