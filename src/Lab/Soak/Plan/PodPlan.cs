namespace Vnetcni.Lab.Soak.Plan;

/// <summary>How a pod's sandbox goes.</summary>
internal enum DeleteStyle
{
    /// <summary>One DEL.</summary>
    Once,

    /// <summary>A DEL, and the same once more.</summary>
    Twice,

    /// <summary>Two DELs at the same time.</summary>
    TwiceAtOnce,

    /// <summary>The namespace goes before the DEL, as after a crash of the sandbox.</summary>
    NamespaceFirst,
}

/// <summary>What happens to one pod.</summary>
/// <param name="KillClientAfter">The first ADD's process is killed this long after its start; null: it is left alone.</param>
/// <param name="AddAgain">A second ADD of the same owner, which has to be refused and change nothing.</param>
/// <param name="Ping">It pings the resident pods of the other machines.</param>
/// <param name="StrangerDelete">A DEL of an unknown owner and one of another interface of the same sandbox, which must free nothing.</param>
/// <param name="Check">CNI CHECK before it goes.</param>
/// <param name="Delete">How it goes.</param>
internal sealed record PodPlan(TimeSpan? KillClientAfter, bool AddAgain, bool Ping, bool StrangerDelete, bool Check, DeleteStyle Delete)
{
    /// <summary>A pod to which nothing odd happens.</summary>
    public static PodPlan Plain { get; } = new(null, AddAgain: false, Ping: false, StrangerDelete: false, Check: true, DeleteStyle.Once);

    /// <summary>Draws one.</summary>
    public static PodPlan Draw(SoakRandom random) => new(
        random.Chance(0.08) ? random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(30)) : null,
        AddAgain: random.Chance(0.03),
        Ping: random.Chance(0.05),
        StrangerDelete: random.Chance(0.05),
        Check: random.Chance(0.15),
        random.Fraction() switch
        {
            < 0.70 => DeleteStyle.Once,
            < 0.85 => DeleteStyle.Twice,
            < 0.92 => DeleteStyle.TwiceAtOnce,
            _ => DeleteStyle.NamespaceFirst,
        });
}
