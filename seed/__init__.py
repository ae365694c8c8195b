"""The sample world: fictional institutions, companies and technologies, played in through the services."""
