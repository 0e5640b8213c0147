"""erosion 侵蚀: soil loss of water erosion by CSLE, A = R·K·L·S·B·E·T, factor by factor, and its intensity class."""

from shuibao.erosion.connectivity import ConnectivityLimits, flow_gradient, index_of_connectivity
from shuibao.erosion.cover import (
    COVER_WORDS,
    CoverCoefficients,
    LandCover,
    cover_factor,
    cover_factor_cai2000,
    cover_layers,
    forest_soil_loss_ratio,
    open_soil_loss_ratio,
)
from shuibao.erosion.cover_checks import check_cover
from shuibao.erosion.delivery import DeliveryCurve, DeliveryResult, delivery_ratio, sediment_delivery
from shuibao.erosion.desmet_govers import (
    DesmetGovers,
    desmet_govers_length,
    desmet_govers_ls,
    rusle_exponent,
    rusle_steepness,
)
from shuibao.erosion.flow_paths import channel_cells
from shuibao.erosion.intensity import classify_intensity, classify_sheet_erosion, intensity_breaks
from shuibao.erosion.interpolation import (
    CrossValidation,
    Interpolation,
    interpolate_erosivity,
    leave_one_out,
    prepare_interpolation,
)
from shuibao.erosion.measures import factor_table, look_up, measure_factors
from shuibao.erosion.rain_records import RainLimits, RainRecords, StationRain, read_rain, read_stations
from shuibao.erosion.rainfall import (
    DailyErosivity,
    HalfMonthErosivity,
    daily_erosivity,
    erosivity_weights,
    half_month_erosivity,
    half_month_index,
)
from shuibao.erosion.rainfall_alternatives import (
    annual_erosivity_zhang2003,
    daily_erosivity_xie2016,
    daily_erosivity_zhang2002,
    erosive_rain,
    parameters_zhang2002,
)
from shuibao.erosion.soil import (
    EpicCoefficients,
    NomographCoefficients,
    erodibility_epic,
    erodibility_nomograph,
    erodibility_zhang2008,
    fine_earth,
    organic_carbon,
)
from shuibao.erosion.soil_loss import per_square_kilometre, sediment_depth, soil_loss, soil_retention
from shuibao.erosion.tillage import combined_tillage, tillage_factors
from shuibao.erosion.topography import (
    Topography,
    segment_length_factor,
    slope_length,
    slope_length_exponent,
    steepness_factor,
    topographic_factor,
    uniform_length_factor,
)
from shuibao.erosion.variogram import Variogram, fit_variogram, sample_variogram
from shuibao.erosion.vegetation import ndvi_endmembers, vegetation_cover

__all__ = [
    "COVER_WORDS",
    "ConnectivityLimits",
    "CoverCoefficients",
    "CrossValidation",
    "DailyErosivity",
    "DeliveryCurve",
    "DeliveryResult",
    "DesmetGovers",
    "EpicCoefficients",
    "HalfMonthErosivity",
    "Interpolation",
    "LandCover",
    "NomographCoefficients",
    "RainLimits",
    "RainRecords",
    "StationRain",
    "Topography",
    "Variogram",
    "annual_erosivity_zhang2003",
    "channel_cells",
    "check_cover",
    "classify_intensity",
    "classify_sheet_erosion",
    "combined_tillage",
    "cover_factor",
    "cover_factor_cai2000",
    "cover_layers",
    "daily_erosivity",
    "daily_erosivity_xie2016",
    "daily_erosivity_zhang2002",
    "delivery_ratio",
    "desmet_govers_length",
    "desmet_govers_ls",
    "erodibility_epic",
    "erodibility_nomograph",
    "erodibility_zhang2008",
    "erosive_rain",
    "erosivity_weights",
    "factor_table",
    "fine_earth",
    "fit_variogram",
    "flow_gradient",
    "forest_soil_loss_ratio",
    "half_month_erosivity",
    "half_month_index",
    "interpolate_erosivity",
    "index_of_connectivity",
    "intensity_breaks",
    "leave_one_out",
    "look_up",
    "measure_factors",
    "ndvi_endmembers",
    "open_soil_loss_ratio",
    "organic_carbon",
    "parameters_zhang2002",
    "per_square_kilometre",
    "prepare_interpolation",
    "read_rain",
    "read_stations",
    "rusle_exponent",
    "rusle_steepness",
    "sample_variogram",
    "sediment_delivery",
    "sediment_depth",
    "segment_length_factor",
    "slope_length",
    "slope_length_exponent",
    "soil_loss",
    "soil_retention",
    "steepness_factor",
    "tillage_factors",
    "topographic_factor",
    "uniform_length_factor",
    "vegetation_cover",
]
