namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>
/// A set of paths within an object, as a tree. A path's elements are written as in managedFields: <c>f:name</c> for a
/// field, <c>k:{"type":"Ready"}</c> for an item of a list by key, <c>v:"x"</c> for an item of a set.
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (fieldsV1).
/// </summary>
/// <remarks>Changed only while it is built; the operations below share subtrees.</remarks>
internal sealed class FieldSet
{
    private static readonly SortedList<string, FieldSet> None = new(StringComparer.Ordinal);
    private SortedList<string, FieldSet>? children;

    /// <summary>Whether the path that leads here is itself in the set.</summary>
    public bool IsMember { get; private set; }

    public SortedList<string, FieldSet> Children => children ?? None;

    public bool IsEmpty => !IsMember && (children is null || children.Count == 0);

    public static FieldSet Of(params string[][] paths)
    {
        var result = new FieldSet();
        foreach (var path in paths)
            result.Insert(path);
        return result;
    }

    public void Insert(IReadOnlyList<string> path)
    {
        var node = this;
        foreach (var element in path)
            node = node.Child(element);
        node.IsMember = true;
    }

    public FieldSet? Find(string element) => children is not null && children.TryGetValue(element, out var child) ? child : null;

    public bool Has(string element) => Find(element) is { IsMember: true };

    public bool Has(IReadOnlyList<string> path)
    {
        var node = this;
        foreach (var element in path)
        {
            if (node.Find(element) is not { } next)
                return false;
            node = next;
        }

        return node.IsMember;
    }

    /// <summary>Every path in the set, in order.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths() => Walk([]);

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty)
            return this;
        if (IsEmpty)
            return other;
        var result = Make(IsMember || other.IsMember);
        foreach (var (element, child) in Children)
            result.Add(element, other.Find(element) is { } same ? child.Union(same) : child);
        foreach (var (element, child) in other.Children)
        {
            if (Find(element) is null)
                result.Add(element, child);
        }

        return result;
    }

    public FieldSet Intersect(FieldSet other)
    {
        var result = Make(IsMember && other.IsMember);
        foreach (var (element, child) in Children)
        {
            if (other.Find(element) is { } same)
                result.Add(element, child.Intersect(same));
        }

        return result;
    }

    /// <summary>Without exactly the paths of the other set.</summary>
    public FieldSet Except(FieldSet other)
    {
        if (other.IsEmpty)
            return this;
        var result = Make(IsMember && !other.IsMember);
        foreach (var (element, child) in Children)
            result.Add(element, other.Find(element) is { } same ? child.Except(same) : child);
        return result;
    }

    public bool SameAs(FieldSet other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (IsMember != other.IsMember || Children.Count != other.Children.Count)
            return false;
        for (var i = 0; i < Children.Count; i++)
        {
            if (Children.Keys[i] != other.Children.Keys[i] || !Children.Values[i].SameAs(other.Children.Values[i]))
                return false;
        }

        return true;
    }

    internal static FieldSet Make(bool isMember) => new() { IsMember = isMember };

    internal void Add(string element, FieldSet child)
    {
        if (!child.IsEmpty)
            (children ??= new(StringComparer.Ordinal)).Add(element, child);
    }

    private FieldSet Child(string element)
    {
        children ??= new(StringComparer.Ordinal);
        if (!children.TryGetValue(element, out var child))
            children.Add(element, child = new FieldSet());
        return child;
    }

    private IEnumerable<IReadOnlyList<string>> Walk(List<string> path)
    {
        if (IsMember)
            yield return [.. path];
        foreach (var (element, child) in Children)
        {
            path.Add(element);
            foreach (var found in child.Walk(path))
                yield return found;
            path.RemoveAt(path.Count - 1);
        }
    }
}
