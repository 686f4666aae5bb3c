"""People, brands, what they make, and the units they sold."""

from products.models.brands import Brand, BrandDomain, Market, Role, StaffMembership
from products.models.catalogue import (
    Category,
    Material,
    NextProduct,
    Product,
    ProductMaterial,
    TradeItem,
    Variant,
)
from products.models.encoding import EncodingOrder
from products.models.operations import AuditRow, Job, PrivateFile
from products.models.people import Device, Person, PhoneNumber
from products.models.resolver import IdentificationKey, KeyType, ResolverLink
from products.models.thresholds import StageThresholds
from products.models.units import Batch, ChipProfile, Tag, Unit

__all__ = [
    "AuditRow",
    "Batch",
    "Brand",
    "BrandDomain",
    "Category",
    "ChipProfile",
    "Device",
    "EncodingOrder",
    "IdentificationKey",
    "Job",
    "KeyType",
    "Market",
    "Material",
    "NextProduct",
    "Person",
    "PhoneNumber",
    "PrivateFile",
    "Product",
    "ProductMaterial",
    "ResolverLink",
    "Role",
    "StaffMembership",
    "StageThresholds",
    "Tag",
    "TradeItem",
    "Unit",
    "Variant",
]
