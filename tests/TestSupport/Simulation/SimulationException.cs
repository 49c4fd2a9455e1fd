namespace Vnetcni.TestSupport.Simulation;

/// <summary>A run that failed; the message holds the seed that repeats it and the end of the trace.</summary>
public sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);
