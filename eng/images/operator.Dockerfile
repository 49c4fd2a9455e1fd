# syntax=docker/dockerfile:1
# usage: docker buildx build --platform linux/amd64,linux/arm64 -f eng/images/operator.Dockerfile -t ghcr.io/vnetcni/operator:0.1.0 .
# Both stages are the same Debian: a program runs with the C library that it was linked with. NativeAOT is not cross-compiled:
# each platform builds on its own machine, or in emulation. A release gives DEBIAN with its digest.
ARG DEBIAN=debian:12.11-slim

FROM ${DEBIAN} AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev libicu72 zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY global.json eng/images/dotnet.sh ./
RUN ./dotnet.sh /usr/share/dotnet && ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
COPY . .
RUN CI=true eng/publish.sh Operator

FROM ${DEBIAN} AS rootfs
COPY eng/images /src/eng/images
COPY --from=build /src/artifacts/publish /src/artifacts/publish
RUN /src/eng/images/rootfs.sh operator /src/artifacts/publish /rootfs

FROM scratch
COPY --from=rootfs /rootfs /
ENV PATH=/bin
USER 65532:65532
ENTRYPOINT ["/opt/vnetcni/vnetcni-operator"]
