# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npx -y pnpm@12 install --frozen-lockfile
RUN npx -y pnpm@12 build

FROM node:24-slim
RUN mkdir /data && chown node:node /data
COPY --from=build /src/dist /bellhop
USER node
ENV BELLHOP_DATA_DIR=/data BELLHOP_HOST=0.0.0.0 BELLHOP_PORT=8787
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BELLHOP_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/bellhop/bellhop.js"]
CMD ["up"]
