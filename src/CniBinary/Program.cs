return Vnetcni.CniBinary.Plugin.Run();
