"""W1 as an app of Hydra: python main.py [KEY=VALUE ...]; what it makes lies in Hydra's folder of the run."""

from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config):
    """Run the stages that are named, with the others' results from work/."""
    import script

    said = OmegaConf.to_container(config, resolve=True)
    into = Path(HydraConfig.get().runtime.output_dir) / "work"
    for stage in said["stages"]:
        script.run(stage, said, into=into)


if __name__ == "__main__":
    main()
